import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { decode, restoreLatents } from '../../src/diffusion/autoencoder.js';
import { openBaseModel, unetConfigOf, type BaseModel } from '../../src/diffusion/base-model.js';
import { openControlNet } from '../../src/diffusion/controlnet-file.js';
import { readTensors } from '../../src/diffusion/weights.js';
import { input } from '../../src/graph/index.js';
import { FeatureExtractor } from '../../src/inversion/feature-extractor.js';
import { scaledMapWeight, trainedControlNet } from '../../src/inversion/initial-control-net.js';
import { featureLoss } from '../../src/inversion/tasks/feature-loss.js';
import { noisedBatch } from '../../src/inversion/tasks/noise.js';
import { Random } from '../../src/random.js';
import { Session } from '../../src/runtime/session.js';
import { makeMicroModels, MICRO_MAP, type MicroModels } from './micro-models.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let micro: MicroModels;
let base: BaseModel;
let extractor: FeatureExtractor;
const LAYER = { backbone: 'mobilenet_v1_025', layer: 'Conv2d_13_pointwise' };

beforeAll(async () => {
  micro = await makeMicroModels();
  base = await openBaseModel(micro.base);
  extractor = await FeatureExtractor.open(LAYER.backbone, LAYER.layer, 64);
});

afterAll(async () => {
  await extractor.dispose();
  await micro.remove();
});

describe('featureLoss', () => {
  it('is zero for the true noise, ᾱ of what another picture loses, and nothing where it is dropped', async () => {
    const shape = [1, 4, 8, 8];
    const clean = input('clean', shape);
    const { autoencoder } = base.config;
    const pictures = decode(base.autoencoder(), autoencoder, restoreLatents(autoencoder, clean));
    const loss = featureLoss({
      base,
      predicted: input('predicted', shape),
      batch: noisedBatch(clean),
      mapOf: (images) => extractor.trace(images),
      maps: extractor.trace(pictures),
      keep: input('keepHint', [1, 1, 1, 1]),
    });
    const session = await Session.compile({ loss }, { threads: 1 });
    const random = new Random('feature loss');
    const [latents, noise, wrong] = [1, 2, 3].map(() => random.fillNormal(new Float32Array(256)));
    const value = async (predicted: Float32Array, alpha: number, keep: number): Promise<number> => {
      const { loss } = await session.run({
        clean: latents!,
        noise: noise!,
        predicted,
        signal: Float32Array.of(Math.sqrt(alpha)),
        sigma: Float32Array.of(Math.sqrt(1 - alpha)),
        keepHint: Float32Array.of(keep),
      });
      return loss[0]!;
    };
    expect(await value(noise!, 0.5, 1)).toBeCloseTo(0, 4);
    const lost = await value(wrong!, 0.5, 1);
    expect(lost).toBeGreaterThan(1e-3);
    expect(lost).toBeLessThan(0.5);
    expect(await value(wrong!, 0.5, 0)).toBe(0);
    await session.dispose();
  });
});

describe('trainedControlNet', () => {
  it('keeps what reads the map of the same layer, before the scale that a release holds', async () => {
    const unet = unetConfigOf(base);
    const scale = Float32Array.from({ length: MICRO_MAP[0] }, (_, c) => 0.5 + c / 100);
    const start = await trainedControlNet(micro.inverter, unet, { ...LAYER, scale });
    const file = openControlNet(path.join(micro.inverter, 'controlnet.safetensors'), unet);
    const released = readTensors(file.weights);
    const folded = scaledMapWeight(start, scale);
    expect([...folded.keys()].sort()).toEqual([...released.keys()].sort());
    for (const [name, { data }] of released) {
      folded.get(name)!.data.forEach((value, i) => expect(value).toBeCloseTo(data[i]!, 5));
    }
  });

  it('leaves it out for another layer', async () => {
    const layer = { ...LAYER, layer: 'Conv2d_11_pointwise', scale: new Float32Array(128).fill(1) };
    const start = await trainedControlNet(micro.inverter, unetConfigOf(base), layer);
    const reading = [...start.keys()].filter((name) =>
      name.startsWith('input_hint_block.block.1.'),
    );
    expect(reading).toEqual([]);
    expect(start.size).toBeGreaterThan(10);
  });
});
