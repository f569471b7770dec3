/**
 * Stable Diffusion v1 and a FeatInv ControlNet at full size against diffusers, from one original checkpoint
 * of 5 GB in the system's temporary folder. Needs 14 GB of memory and about five minutes.
 */
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
import { compareTraining, compareTrajectory } from '../diffusion/sd1/compare-training.js';
import { fullModel, unit } from '../diffusion/sd1/hashed-models.js';
import { readReference, relativeError } from '../diffusion/sd1/reference.js';
import { writeFullSizeFiles, type FullSizeFiles } from './full-size-files.js';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

const TOLERANCE = 1e-4;
const GRADIENT = 1e-3;
const HINT_WEIGHT = 'input_hint_block.block.1.weight';
const reference = readReference('full');
const hint = { width: fullModel.hintWidth };

let files: FullSizeFiles;
let checkpoint: string;
let base: BaseModel;

beforeAll(async () => {
  files = await writeFullSizeFiles();
  checkpoint = files.base;
  base = await openBaseModel(checkpoint);
});

afterAll(() => files.remove());

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

  it('samples with guidance as diffusers’ DDIM does', async () => {
    const { weights } = openControlNet(checkpoint, stableDiffusionUNet);
    const errors = await compareTrajectory(
      { model: fullModel, base },
      mappedParameters(weights),
      readReference('full-trajectory'),
      { memory: 'low' },
    );
    console.log(`ten guided steps: ${Math.max(...errors).toExponential(1)}`);
    expect(errors).toHaveLength(10);
    expect(Math.max(...errors)).toBeLessThan(TOLERANCE);
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

  it('has diffusers’ gradients of the ControlNet’s loss, and PyTorch’s AdamW steps', async () => {
    const training = readReference('full-training');
    const { losses, gradients, changes } = await compareTraining(
      { model: fullModel, base },
      training,
      [500],
      { memory: 'low', recompute: true },
    );
    const last = 'controlnet_mid_block.weight';
    for (const name of ['conv_in.weight', 'mid_block.resnets.0.conv1.weight', last, HINT_WEIGHT]) {
      console.log(`gradient of ${name}: ${gradients.get(name)!.toExponential(1)}`);
    }
    const most = changes[Math.floor(0.999 * changes.length)]!;
    console.log(
      `all ${gradients.size} gradients: ${Math.max(...gradients.values()).toExponential(1)}; losses ` +
        `${losses.toExponential(1)}; changes ${most.toExponential(1)}, ${changes.at(-1)!.toExponential(1)}`,
    );
    for (const [name, error] of gradients) expect(error, name).toBeLessThan(GRADIENT);
    expect(losses).toBeLessThan(1e-5);
    // Near 1, float32 resolves a thousandth of the largest change.
    expect(most).toBeLessThan(1e-2);
  });
});
