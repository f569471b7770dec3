/** Autoencoder, decoder, denoiser and inverter trained at a size that shows only that all parts fit. */
import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readSafetensors } from '../../src/checkpoints/safetensors.js';
import { loadInverter } from '../../src/inversion/inverter.js';
import { parseTrainingConfig } from '../../src/inversion/training-tasks.js';
import { Random } from '../../src/random.js';
import { train } from '../../src/training/trainer.js';

let root: string;
let data: Record<string, unknown>;

const trainer = { steps: 2, batchSize: 2, learningRate: 1e-3, seed: 3, ema: null, logEvery: 1 };
const unet = {
  latentChannels: 4,
  channels: [8, 16],
  layersPerLevel: 1,
  attention: [false, true],
  heads: 2,
  groups: 4,
  contextLength: 2,
  contextWidth: 8,
};
const sampling = { sampler: 'dpm++', steps: 2, eta: 0, guidance: 2, guidanceMode: 'joint' };
const release = { name: 'micro', description: 'a test', licence: 'Apache-2.0' };

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'featinv-pipeline-'));
  for (const folder of ['train', 'held-out']) {
    await mkdir(path.join(root, folder));
    for (let i = 0; i < 2; i++) await writeClouds(path.join(root, folder, `${i}.jpg`), i);
  }
  data = {
    photographs: path.join(root, 'train'),
    heldOut: path.join(root, 'held-out'),
    heldOutCropsPerImage: 1,
    validationCrops: 2,
  };
});

afterAll(() => rm(root, { recursive: true, force: true }));

/** Smooth random colours: a picture that JPEG and crops can work with. */
async function writeClouds(file: string, seed: number): Promise<void> {
  const random = new Random(seed);
  const pixels = Uint8Array.from({ length: 6 * 4 * 3 }, () => random.int(256));
  await sharp(pixels, { raw: { width: 6, height: 4, channels: 3 } })
    .resize(120, 80, { kernel: 'cubic' })
    .jpeg()
    .toFile(file);
}

/** Trains by a configuration; returns the folder of the released weights and the last measures. */
async function run(
  name: string,
  config: Record<string, unknown>,
): Promise<{ model: string; validation: Readonly<Record<string, number>> }> {
  const parsed = await parseTrainingConfig({ data, trainer, ...config }, `${name}.json`);
  const task = await parsed.open({
    session: { threads: 2 },
    record: () => ({ test: name }),
  });
  const directory = path.join(root, 'runs', name);
  await mkdir(directory, { recursive: true });
  const result = await train(task, parsed.trainer, { directory, taskConfig: parsed.task });
  return { model: result.model!, validation: result.validation };
}

const loss = { l1: 1, l2: 1, gradient: 1 };

describe('training every part of an inverter, one after the other', () => {
  let base: string;

  it('trains an autoencoder and measures its latents', async () => {
    const { model, validation } = await run('autoencoder', {
      type: 'autoencoder',
      imageSize: 32,
      model: {
        latentChannels: 4,
        channels: [8, 8],
        layersPerLevel: [0, 1],
        groups: 4,
        patchSize: 2,
      },
      loss: { ...loss, kl: 1e-3 },
    });
    expect(validation['psnr']).toBeGreaterThan(0);
    const config = JSON.parse(await readFile(path.join(model, 'base.json'), 'utf8')) as {
      autoencoder: { latentDeviation: number[] };
    };
    expect(config.autoencoder.latentDeviation.every((value) => value > 0)).toBe(true);
    base = model;
  });

  it('trains a denoiser on its latents', async () => {
    const { model, validation } = await run('denoiser', { type: 'denoiser', base, model: unet });
    expect(validation['heldOutLoss']).toBeGreaterThan(0);
    base = model;
  });

  it('trains the decoder further and leaves everything else as it was', async () => {
    const before = readSafetensors(path.join(base, 'vae', 'diffusion_pytorch_model.safetensors'));
    const perceptual = { backbone: 'mobilenet_v1_025', layers: ['Conv2d_5_pointwise'], weight: 1 };
    const { model } = await run('decoder', {
      type: 'decoder',
      base,
      loss: { ...loss, perceptual },
    });
    const after = readSafetensors(path.join(model, 'vae', 'diffusion_pytorch_model.safetensors'));
    expect([...after.keys()]).toEqual([...before.keys()]);
    const changed = [...after.keys()].filter(
      (name) => !after.get(name)!.data.every((value, i) => value === before.get(name)!.data[i]),
    );
    expect(changed).toContain('decoder.conv_out.weight');
    expect(changed.filter((name) => !/^(decoder|post_quant_conv)\./.test(name))).toEqual([]);
    base = model;
  });

  it.each([false, true])(
    'trains an inverter (pooled: %s) that loads and reconstructs',
    async (pooled) => {
      const { model, validation } = await run(`inverter-${pooled}`, {
        type: 'inverter',
        base,
        backbone: 'mobilenet_v1_025',
        layer: 'Conv2d_13_pointwise',
        pooled,
        hintWidth: 8,
        featureWeight: pooled ? 1 : 0,
        // The second one begins with the first one's ControlNet.
        ...(pooled ? { startFrom: path.join(root, 'runs', 'inverter-false', 'model') } : {}),
        release,
        sampling,
      });
      expect(Object.keys(validation)).toEqual(['cosine', 'floor', 'ceiling', 'gapClosed']);
      const log = await readFile(path.join(path.dirname(model), 'log.jsonl'), 'utf8');
      expect(log.includes('"featureLoss"')).toBe(pooled);
      const inverter = await loadInverter(model);
      const features = await inverter.features(path.join(root, 'held-out', '0.jpg'));
      expect(features.shape).toEqual([256, 7, 7]);
      const [first, second] = await inverter.reconstruct(features, { samples: 2, seed: 5 });
      const [again] = await inverter.reconstruct(features, { samples: 2, seed: 5 });
      expect(again!.image.data).toEqual(first!.image.data);
      expect(second!.image.data).not.toEqual(first!.image.data);
      expect([first!.seed, second!.seed]).toEqual([5, 6]);
      await inverter.dispose();
    },
  );

  it('refuses a map of another shape', async () => {
    const inverter = await loadInverter(path.join(root, 'runs', 'inverter-false', 'model'));
    const map = { shape: [256, 5, 5] as const, data: new Float32Array(256 * 25) };
    await expect(inverter.reconstruct(map)).rejects.toThrow(
      'the feature map has shape [256,5,5], micro reads maps of shape [256,7,7]',
    );
    await inverter.dispose();
  });

  it('refuses a base without a UNet', async () => {
    const config = {
      type: 'inverter',
      base: path.join(root, 'runs', 'autoencoder', 'model'),
      backbone: 'mobilenet_v1_025',
      layer: 'Conv2d_13_pointwise',
      hintWidth: 8,
      release,
      sampling,
    };
    await expect(run('no-unet', config)).rejects.toThrow('has no UNet yet');
  });
});
