import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeSafetensors } from '../../../src/checkpoints/safetensors.js';
import { decode, encode } from '../../../src/diffusion/autoencoder.js';
import { baseModelOf, type BaseModel } from '../../../src/diffusion/base-model.js';
import { controlNet, hintEncoder } from '../../../src/diffusion/controlnet.js';
import { openControlNet } from '../../../src/diffusion/controlnet-file.js';
import { guidedNoise } from '../../../src/diffusion/guidance.js';
import { openOriginal } from '../../../src/diffusion/open-original.js';
import { sample } from '../../../src/diffusion/samplers/index.js';
import { CLIP_VIT_L14 } from '../../../src/diffusion/text/index.js';
import { unet, type DenoiserInputs } from '../../../src/diffusion/unet.js';
import { input, mean, mul, sub, type Tensor } from '../../../src/graph/index.js';
import { mappedParameters, trainableParameters, type Parameters } from '../../../src/nn/index.js';
import { Random } from '../../../src/random.js';
import { Session } from '../../../src/runtime/session.js';
import { AdamW, type AdamWConfig } from '../../../src/training/adamw.js';
import { GradientStep } from '../../../src/training/gradient-step.js';
import { hashedTensors, narrowModel, unit } from './hashed-models.js';
import { originalCheckpoint } from './original-names.js';
import { evenly, readReference, relativeError } from './reference.js';

// Normally ten seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const FORWARD = 1e-4;
const GRADIENT = 1e-3;
const { config, hintWidth, mapShape } = narrowModel;
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

interface Inputs extends DenoiserInputs {
  readonly features: Tensor;
}

function inputsOf(batch: number): { inputs: Inputs; feeds: Record<string, Float32Array> } {
  const shapes = {
    latents: [batch, 4, GRID, GRID],
    context: [batch, 77, config.unet.contextWidth],
    features: [batch, ...mapShape],
  };
  const inputs = {
    latents: input('latents', shapes.latents),
    timesteps: input('timesteps', [batch]),
    context: input('context', shapes.context),
    features: input('features', shapes.features),
  };
  const feeds = Object.entries(shapes).map(([name, shape]) => [name, unit(name, shape)] as const);
  return { inputs, feeds: Object.fromEntries(feeds) };
}

const steered = (p: Parameters, inputs: Inputs): Tensor =>
  unet(base.unet(), config.unet, inputs, controlNet(p, config.unet, hint, inputs, inputs.features));

describe('a narrow Stable Diffusion v1 from an original checkpoint', () => {
  it('predicts noise as diffusers does, with and without the ControlNet', async () => {
    const { inputs, feeds } = inputsOf(2);
    const session = await Session.compile({
      plain: unet(base.unet(), config.unet, inputs),
      steered: steered(control(), inputs),
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
    const { inputs, feeds } = inputsOf(2);
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
    const { inputs, feeds } = inputsOf(2);
    const session = await Session.compile({ noise: steered(control(), inputs) });
    const one = unit('features', mapShape);
    const features = Float32Array.of(...one, ...one);
    const errors: number[] = [];
    await sample({
      predictNoise: guidedNoise({ mode: 'text', scale: 1.75 }, async (x, t) => {
        const { noise } = await session.run({
          ...feeds,
          features,
          latents: Float32Array.of(...x, ...x),
          timesteps: Float32Array.of(t, t),
        });
        return [noise.subarray(0, x.length), noise.subarray(x.length)];
      }),
      schedule: base.schedule,
      sampler: 'ddim',
      steps: 10,
      eta: 0,
      latents: unit('latents', [1, 4, GRID, GRID]),
      random: new Random(0),
      onStep: ({ done, x }) => void errors.push(reference.error(`latents ${done - 1}`, x)),
    });
    await session.dispose();
    expect(errors).toHaveLength(10);
    expect(Math.max(...errors)).toBeLessThan(FORWARD);
  });
});

describe('training a narrow ControlNet', () => {
  it('has diffusers’ gradients and PyTorch’s AdamW steps', async () => {
    const { inputs, feeds } = inputsOf(2);
    const start = hashedTensors(narrowModel.control);
    const parameters = trainableParameters(hashedTensors(narrowModel.control), 0);
    const error = sub(steered(parameters, inputs), input('noise', inputs.latents.shape));
    const step = GradientStep.trace(mean(mul(error, error)), parameters);
    const optimizer = new AdamW(parameters.values, ADAMW);
    const names = [...start.keys()].sort();
    const batch = {
      ...feeds,
      timesteps: Float32Array.of(21, 500),
      noise: unit('noise', inputs.latents.shape),
    };
    const losses: number[] = [];
    for (let i = 1; i <= 4; i++) {
      const { loss, gradients } = await step.run(batch);
      losses.push(loss);
      if (i === 1) expectGradients(names, gradients);
      if (i < 4) optimizer.update(gradients, i, LEARNING_RATE);
    }
    await step.dispose();
    expect(relativeError(Float32Array.from(losses), reference.values('losses'))).toBeLessThan(1e-5);

    const changes = new Map(
      names.map((name) => {
        const before = start.get(name)!.data;
        return [name, parameters.values.get(name)!.data.map((value, i) => value - before[i]!)];
      }),
    );
    const errors = differences('changes', names, changes).flatMap((each) => [...each]);
    errors.sort((a, b) => a - b);
    // AdamW divides by the gradient's size: where that is next to nothing, rounding decides the direction.
    expect(errors[Math.floor(0.999 * errors.length)]! / (3 * LEARNING_RATE)).toBeLessThan(1e-3);
    expect(errors.at(-1)! / (3 * LEARNING_RATE)).toBeLessThan(0.05);
  });
});

const LEARNING_RATE = 1e-4;
const ADAMW: AdamWConfig = {
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  weightDecay: 0.01,
  decayVectors: true,
};

function expectGradients(
  names: readonly string[],
  gradients: ReadonlyMap<string, Float32Array>,
): void {
  const maxima = reference.values('gradient maxima');
  differences('gradients', names, gradients).forEach((each, k) => {
    expect(Math.max(...each) / maxima[k]!, names[k]).toBeLessThan(GRADIENT);
  });
}

/** How many elements of each tensor the reference kept at most. */
const KEPT = 24;

/** Absolute differences to the elements of each tensor that the reference kept, tensor by tensor. */
function differences(
  key: string,
  names: readonly string[],
  tensors: ReadonlyMap<string, Float32Array>,
): Float32Array[] {
  const expected = reference.values(key);
  let at = 0;
  const parts = names.map((name) => {
    const values = tensors.get(name)!;
    const count = Math.ceil(values.length / Math.ceil(values.length / KEPT));
    const start = at;
    at += count;
    return evenly(values, count).map((value, i) => Math.abs(value - expected[start + i]!));
  });
  expect(at).toBe(expected.length);
  return parts;
}
