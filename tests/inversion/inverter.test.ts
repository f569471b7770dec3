import { copyFile, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { InputError, loadInverter, type Inverter } from '../../src/index.js';
import { blobs, makeMicroModels, MICRO_MAP, type MicroModels } from './micro-models.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;
let inverter: Inverter;

beforeAll(async () => {
  micro = await makeMicroModels();
  inverter = await loadInverter(micro.inverter, { threads: 1 });
});

afterAll(async () => {
  await inverter.dispose();
  await micro.remove();
});

const difference = (a: Uint8Array, b: Uint8Array): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe('an inverter', () => {
  it('gives features of a picture and pictures of features', async () => {
    const map = await inverter.features(blobs(5, 100, 70));
    expect(map.shape).toEqual(MICRO_MAP);
    const pictures = await inverter.reconstruct(map, { samples: 2, seed: 9 });
    expect(pictures.map(({ seed }) => seed)).toEqual([9, 10]);
    for (const { image } of pictures) expect(image).toMatchObject({ width: 64, height: 64 });
    expect(difference(pictures[0]!.image.data, pictures[1]!.image.data)).toBeGreaterThan(0);
  });

  it('reads weights through links, as caches of downloads have them', async () => {
    const linked = path.join(micro.directory, 'linked');
    await mkdir(linked);
    await copyFile(path.join(micro.inverter, 'featinv.json'), path.join(linked, 'featinv.json'));
    const weights = 'controlnet.safetensors';
    await symlink(path.join(micro.inverter, weights), path.join(linked, weights));
    const through = await loadInverter(linked, { threads: 1 });
    const map = await inverter.features(blobs(5, 100, 70));
    const [drawn] = await through.reconstruct(map);
    await through.dispose();
    const [direct] = await inverter.reconstruct(map);
    expect(drawn!.image).toEqual(direct!.image);
  });

  it('lets the seed and the map alone decide a picture, not its place in a batch', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map((seed) => inverter.features(blobs(seed, 64, 64))),
    );
    const [alone] = await inverter.reconstruct(one!, { seed: 3 });
    const [, together, other] = await inverter.sample([two!.data, one!.data, two!.data], [4, 3, 3]);
    expect(difference(alone!.image.data, together!.data)).toBeLessThanOrEqual(1);
    expect(difference(together!.data, other!.data)).toBeGreaterThan(1);
  });

  it('draws what sampling has found after each step, and stops where it is told to', async () => {
    const map = await inverter.features(blobs(5, 100, 70));
    const found: Uint8Array[] = [];
    const [drawn] = await inverter.reconstruct(map, {
      steps: 3,
      onStep: async ({ x, clean }) => {
        const [sample, estimate] = await inverter.decode(new Float32Array([...x, ...clean]), 2);
        found.push(sample!.data, estimate!.data);
      },
    });
    expect(found).toHaveLength(6);
    expect(difference(found[4]!, drawn!.image.data)).toBeLessThanOrEqual(1);
    expect(difference(found[0]!, found[1]!)).toBeGreaterThan(1);
    let steps = 0;
    const stopped = inverter.reconstruct(map, {
      onStep: async () => {
        steps++;
        throw new Error('enough');
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(steps).toBe(1);
  });

  it('samples in 1 to 1000 steps', async () => {
    const map = await inverter.features(blobs(5, 64, 64));
    let steps = 0;
    const onStep = (): void => void steps++;
    for (const sampler of ['ddim', 'dpm++']) {
      await inverter.reconstruct(map, { sampler, steps: 1, onStep });
    }
    await inverter.reconstruct(map, { steps: 1000, guidance: 1, onStep });
    expect(steps).toBe(1002);
    for (const wrong of [0, -1, 1001, 2.5]) {
      await expect(inverter.reconstruct(map, { steps: wrong })).rejects.toThrow(InputError);
    }
  });

  it('refuses maps of another shape and values that are not finite', async () => {
    const data = new Float32Array(256 * 9);
    await expect(inverter.reconstruct({ shape: [256, 3, 3], data })).rejects.toThrow(
      'the feature map has shape [256,3,3], micro reads maps of shape [256,7,7]',
    );
    const broken = new Float32Array(256 * 49).fill(Infinity);
    await expect(inverter.reconstruct({ shape: MICRO_MAP, data: broken })).rejects.toThrow(
      'values that are not finite',
    );
  });
});
