import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fitConcepts, sampleRows } from '../../src/concepts/fit-concepts.js';
import { steerMap } from '../../src/concepts/steer-map.js';
import { vectors } from '../../src/concepts/vectors.js';
import { loadInverter, type Inverter } from '../../src/inversion/inverter.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

describe('sampleRows', () => {
  const v = vectors(100, 1);
  v.data.forEach((_, i) => (v.data[i] = i));

  it('draws different rows, keeps their order and repeats by seed', () => {
    const { data } = sampleRows(v, 30, 1);
    expect(new Set(data).size).toBe(30);
    expect([...data]).toEqual([...data].sort((a, b) => a - b));
    expect(sampleRows(v, 30, 1).data).toEqual(data);
    expect(sampleRows(v, 30, 2).data).not.toEqual(data);
    expect(sampleRows(v, 100, 1)).toBe(v);
  });
});

describe('fitConcepts', () => {
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

  it('fits concepts that belong to the inverter', async () => {
    const files = ['0.png', '1.png', '2.png'].map((name) => path.join(micro.photographs, name));
    const stages = new Set<string>();
    const fitted = await fitConcepts(inverter, files, {
      method: 'kmeans',
      count: 3,
      vectors: 60,
      session: { threads: 1 },
      onProgress: (stage) => stages.add(stage),
    });
    expect(fitted.layer).toBe(inverter.config.layer);
    expect(fitted.fit).toEqual({ images: files, class: null, vectors: 60, seed: 100 });
    expect(fitted.model.concepts).toHaveLength(3);
    expect(stages.has('look')).toBe(true);
    const map = await inverter.features(files[0]!);
    expect(steerMap(fitted.model, map, { concept: 0, scale: 1 }).data).toEqual(map.data);
  });
});
