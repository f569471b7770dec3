import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeSafetensors } from '../../../src/checkpoints/safetensors.js';
import { decode, encode } from '../../../src/diffusion/autoencoder.js';
import { baseModelOf, type BaseModel } from '../../../src/diffusion/base-model.js';
import { controlNet, hintEncoder } from '../../../src/diffusion/controlnet.js';
import { openControlNet } from '../../../src/diffusion/controlnet-file.js';
import { openOriginal } from '../../../src/diffusion/open-original.js';
import { CLIP_VIT_L14 } from '../../../src/diffusion/text/index.js';
import { unet } from '../../../src/diffusion/unet.js';
import { input, type Tensor } from '../../../src/graph/index.js';
import { mappedParameters, type Parameters } from '../../../src/nn/index.js';
import { Session } from '../../../src/runtime/session.js';
import {
  compareTraining,
  compareTrajectory,
  steered,
  steeredInputs,
  type SteeredInputs,
} from './compare-training.js';
import { narrowModel, unit } from './hashed-models.js';
import { originalCheckpoint } from './original-names.js';
import { readReference, relativeError } from './reference.js';

// Normally ten seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const FORWARD = 1e-4;
const GRADIENT = 1e-3;
const { config, hintWidth } = narrowModel;
const hint = { width: hintWidth };
const reference = readReference('narrow');
const GRID = 16;

let folder: string;
let base: BaseModel;
let control: () => Parameters;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'featinv-sd1-'));
  const path = join(folder, 'narrow.safetensors');
  await writeSafetensors(path, originalCheckpoint(narrowModel));
  base = baseModelOf(path, {}, openOriginal(path, config, CLIP_VIT_L14, {}));
  const { weights } = openControlNet(path, config.unet);
  control = () => mappedParameters(weights);
});

afterAll(() => rm(folder, { recursive: true }));

const steeredNoise = (p: Parameters, inputs: SteeredInputs): Tensor =>
  steered({ model: narrowModel, base }, p, inputs);

describe('a narrow Stable Diffusion v1 from an original checkpoint', () => {
  it('predicts noise as diffusers does, with and without the ControlNet', async () => {
    const { inputs, feeds } = steeredInputs(narrowModel, 2);
    const session = await Session.compile({
      plain: unet(base.unet(), config.unet, inputs),
      steered: steeredNoise(control(), inputs),
    });
    for (const t of [1, 21, 500, 981]) {
      const result = await session.run({ ...feeds, timesteps: Float32Array.of(t, t) });
      expect(reference.error(`plain ${t}`, result.plain)).toBeLessThan(FORWARD);
      expect(reference.error(`steered ${t}`, result.steered)).toBeLessThan(FORWARD);
      expect(relativeError(result.plain, result.steered)).toBeGreaterThan(0.1);
    }
    await session.dispose();
  });

  it('has the hint and the 13 residuals of diffusers’ ControlNet', async () => {
    const { inputs, feeds } = steeredInputs(narrowModel, 2);
    const { features } = inputs;
    const residuals = controlNet(control(), config.unet, hint, inputs, features);
    const list = [...residuals.skips, residuals.middle];
    expect(list).toHaveLength(13);
    const width = config.unet.channels[0]!;
    const encoder = control().scope('input_hint_block');
    const session = await Session.compile({
      ...Object.fromEntries(list.map((residual, i) => [`residual ${i}`, residual])),
      hint: hintEncoder(encoder, features, [GRID, GRID], hint, width),
    });
    const result = await session.run({ ...feeds, timesteps: Float32Array.of(1, 1) });
    await session.dispose();
    for (const [name, values] of Object.entries(result)) {
      expect(reference.error(name, values), name).toBeLessThan(FORWARD);
    }
  });

  it('encodes and decodes images as diffusers does', async () => {
    const images = [1, 3, 8 * GRID, 8 * GRID];
    const codes = [1, 4, GRID, GRID];
    const { mean, logVariance } = encode(
      base.autoencoder(),
      config.autoencoder,
      input('images', images),
    );
    const decoded = decode(base.autoencoder(), config.autoencoder, input('codes', codes));
    const session = await Session.compile({ mean, 'log variance': logVariance, decoded });
    const result = await session.run({
      images: unit('images', images),
      codes: unit('codes', codes),
    });
    await session.dispose();
    expect(reference.error('mean', result.mean)).toBeLessThan(FORWARD);
    expect(reference.error('log variance', result['log variance'])).toBeLessThan(FORWARD);
    expect(reference.error('images', result.decoded)).toBeLessThan(FORWARD);
  });

  it('samples with guidance as diffusers’ DDIM does', async () => {
    const errors = await compareTrajectory({ model: narrowModel, base }, control(), reference);
    expect(errors).toHaveLength(10);
    expect(Math.max(...errors)).toBeLessThan(FORWARD);
  });
});

describe('training a narrow ControlNet', () => {
  it('has diffusers’ gradients and PyTorch’s AdamW steps', async () => {
    const place = { model: narrowModel, base };
    const { losses, gradients, changes } = await compareTraining(place, reference, [21, 500]);
    for (const [name, error] of gradients) expect(error, name).toBeLessThan(GRADIENT);
    expect(losses).toBeLessThan(1e-5);
    // AdamW divides by the gradient's size: where that is next to nothing, rounding decides the direction.
    expect(changes[Math.floor(0.999 * changes.length)]).toBeLessThan(1e-3);
    expect(changes.at(-1)).toBeLessThan(0.05);
  });
});
