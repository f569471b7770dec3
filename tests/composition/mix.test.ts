import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mix } from '../../src/composition/mix.js';
import { loadInverter, type Inverter } from '../../src/inversion/inverter.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;
let inverter: Inverter;
let pictures: string[];

beforeAll(async () => {
  micro = await makeMicroModels();
  inverter = await loadInverter(micro.inverter, { threads: 1 });
  pictures = ['0.png', '1.png', '2.png'].map((name) => path.join(micro.photographs, name));
});

afterAll(async () => {
  await inverter.dispose();
  await micro.remove();
});

describe('mix', () => {
  it('goes from the reconstruction of one picture to that of the other', async () => {
    const [a, b] = pictures as [string, string];
    const { frames, seeds } = await mix(inverter, [a, b], { alphas: [0, 0.5, 1], samples: 2 });
    expect(seeds).toEqual([100, 101]);
    for (const [picture, frame] of [
      [a, frames[0]!],
      [b, frames[2]!],
    ] as const) {
      const drawn = await inverter.reconstruct(await inverter.features(picture), { samples: 2 });
      drawn.forEach(({ image }, k) => expect(frame.samples[k]!.image).toEqual(image));
    }
    const [first] = frames[0]!.samples;
    expect(first!.cosine.composed).toBe(first!.cosine.parents[0]);
    expect(first!.cosine.parents).toHaveLength(2);
    const total = frames[1]!.predicted!.reduce((sum, p) => sum + p, 0);
    expect(total).toBeCloseTo(1, 6);
  });

  it('refuses what does not fit together', async () => {
    const [a, b, c] = pictures as [string, string, string];
    const alphas = [0];
    await expect(mix(inverter, [a], { alphas })).rejects.toThrow('lerp takes two pictures, got 1');
    await expect(mix(inverter, [a, b, c], { alphas })).rejects.toThrow('got 3');
    await expect(mix(inverter, [a, b], { alphas, op: 'arithmetic' })).rejects.toThrow(
      'arithmetic takes three pictures, got 2',
    );
    await expect(mix(inverter, [a, b], { alphas, op: 'paste' })).rejects.toThrow(
      'paste needs a region',
    );
    const pooled = Object.create(inverter, {
      config: { value: { ...inverter.config, pooled: true } },
    }) as Inverter;
    await expect(mix(pooled, [a, b], { alphas, op: 'paste' })).rejects.toThrow(
      'micro reads pooled maps, which have no places for a region',
    );
    await expect(mix(inverter, [a, b], { alphas: [] })).rejects.toThrow(
      'one finite number or more',
    );
  });
});
