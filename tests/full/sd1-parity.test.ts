/**
 * Stable Diffusion v1 and a FeatInv ControlNet at full size against diffusers, from one original checkpoint
 * of 5 GB in the system's temporary folder. Needs about 6 GB of memory and one to two minutes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { decode, encode } from '../../src/diffusion/autoencoder.js';
import { openBaseModel, type BaseModel } from '../../src/diffusion/base-model.js';
import { controlNet, hintEncoder } from '../../src/diffusion/controlnet.js';
import { openControlNet } from '../../src/diffusion/controlnet-file.js';
import { stableDiffusionUNet } from '../../src/diffusion/stable-diffusion.js';
import { unet } from '../../src/diffusion/unet.js';
import { input } from '../../src/graph/index.js';
import { mappedParameters } from '../../src/nn/index.js';
import { Session } from '../../src/runtime/session.js';
import { fullModel, unit } from '../diffusion/sd1/hashed-models.js';
import { originalTensors } from '../diffusion/sd1/original-names.js';
import { readReference, relativeError } from '../diffusion/sd1/reference.js';
import { writeHashedCheckpoint } from '../diffusion/sd1/write-hashed-checkpoint.js';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

const TOLERANCE = 1e-4;
const reference = readReference('full');
const hint = { width: fullModel.hintWidth };

let folder: string;
let checkpoint: string;
let base: BaseModel;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'featinv-sd1-'));
  checkpoint = join(folder, 'miniSD.safetensors');
  writeHashedCheckpoint(checkpoint, originalTensors(fullModel));
  base = await openBaseModel(checkpoint);
});

afterAll(() => rm(folder, { recursive: true }));

describe('Stable Diffusion v1 at full size', () => {
  it('is opened as MiniSD, with the sizes of v1', () => {
    expect(base.config).toEqual(fullModel.config);
  });

  it('predicts noise as diffusers does, with and without FeatInv’s ControlNet', async () => {
    const { weights, hintWidth, mapChannels } = openControlNet(checkpoint, stableDiffusionUNet);
    expect([hintWidth, mapChannels]).toEqual([512, 1024]);
    const shapes = {
      latents: [1, 4, 32, 32],
      context: [1, 77, 768],
      features: [1, ...fullModel.mapShape],
    };
    const inputs = {
      latents: input('latents', shapes.latents),
      timesteps: input('timesteps', [1]),
      context: input('context', shapes.context),
    };
    const features = input('features', shapes.features);
    const control = mappedParameters(weights);
    const residuals = controlNet(control, stableDiffusionUNet, hint, inputs, features);
    const parameters = base.unet();
    const encoder = control.scope('input_hint_block');
    const outputs = {
      'plain 500': unet(parameters, stableDiffusionUNet, inputs),
      'steered 500': unet(parameters, stableDiffusionUNet, inputs, residuals),
      hint: hintEncoder(encoder, features, [32, 32], hint, 320),
      ...Object.fromEntries(
        [...residuals.skips, residuals.middle].map((each, i) => [`residual ${i}`, each]),
      ),
    };
    const session = await Session.compile(outputs, { memory: 'low' });
    const feeds = Object.entries(shapes).map(([name, shape]) => [name, unit(name, shape)] as const);
    const result = await session.run({
      ...Object.fromEntries(feeds),
      timesteps: Float32Array.of(500),
    });
    await session.dispose();
    for (const [name, values] of Object.entries(result)) {
      expect(reference.error(name, values), name).toBeLessThan(TOLERANCE);
    }
    expect(relativeError(result['plain 500'], result['steered 500'])).toBeGreaterThan(0.1);
  });

  it('encodes and decodes images of 256 pixels as diffusers does', async () => {
    const { autoencoder } = base.config;
    const parameters = base.autoencoder();
    const shapes = { images: [1, 3, 256, 256], codes: [1, 4, 32, 32] };
    const { mean, logVariance } = encode(parameters, autoencoder, input('images', shapes.images));
    const images = decode(parameters, autoencoder, input('codes', shapes.codes));
    const outputs = { mean, 'log variance': logVariance, decoded: images };
    const session = await Session.compile(outputs, { memory: 'low' });
    const { decoded, ...encoded } = await session.run({
      images: unit('images', shapes.images),
      codes: unit('codes', shapes.codes),
    });
    await session.dispose();
    for (const [name, values] of Object.entries({ ...encoded, images: decoded })) {
      expect(reference.error(name, values), name).toBeLessThan(TOLERANCE);
    }
  });
});
