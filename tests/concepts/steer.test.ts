import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { softmax } from '../../src/backbones/index.js';
import { regionWeights, type Region } from '../../src/images/region.js';
import { checkSteering, steer, type SteerProgress } from '../../src/concepts/steer.js';
import { summariseSteering } from '../../src/concepts/steering-summary.js';
import { loadInverter, type Inverter } from '../../src/inversion/inverter.js';
import { logitsOfMap } from '../../src/inversion/reconstruct-picture.js';
import { blobs, makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { microConcepts } from './axis-concepts.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const fitted = microConcepts();
const photograph = blobs(5, 80, 64);
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

const session = { threads: 1 };

describe('steer', () => {
  it('reproduces the unsteered reconstructions bit for bit at scale 1', async () => {
    const progress: SteerProgress[] = [];
    const result = await steer(inverter, photograph, fitted, {
      concept: 0,
      scales: [1, 0],
      seeds: 2,
      seed: 7,
      session,
      onProgress: (one) => void progress.push(one),
    });
    const [one, zero] = result.scales;
    const map = await inverter.features(photograph);
    const plain = await inverter.reconstruct(map, { samples: 2, seed: 7 });
    expect(result.seeds).toEqual([7, 8]);
    one!.samples.forEach(({ image, seed }, k) => {
      expect(seed).toBe(plain[k]!.seed);
      expect(Buffer.from(image.data).equals(plain[k]!.image.data)).toBe(true);
    });
    expect(one!.map.data).toEqual(map.data);
    expect(one!.difference.meanAbsolute).toBe(0);
    expect(one!.difference.significance!.share).toBe(0);

    // Without its first 128 channels the map draws other pictures from the same noise.
    expect(zero!.map.data.subarray(0, 128 * 49).every((value) => value === 0)).toBe(true);
    expect(zero!.map.data.subarray(128 * 49)).toEqual(map.data.subarray(128 * 49));
    expect(zero!.difference.meanAbsolute).toBeGreaterThan(0);
    expect(zero!.activation.every((value) => value === 0)).toBe(true);
    expect([zero!.gain, one!.gain]).toEqual([0, 1]);
    expect(zero!.samples.every(({ gain }) => Number.isFinite(gain))).toBe(true);
    const logits = await logitsOfMap(inverter, zero!.map.data, session);
    expect(zero!.predicted).toEqual(softmax(logits!));

    expect(progress).toHaveLength(2 * 3);
    expect(progress.at(-1)).toMatchObject({ done: 2, total: 4, scale: 0, step: 3, steps: 3 });
  });

  it('draws scale 1 first where it is not asked for, and says nothing of one seed', async () => {
    const result = await steer(inverter, photograph, fitted, {
      concept: 1,
      scales: [2],
      seeds: 1,
      session,
    });
    expect(result.name).toBe('axes 1');
    expect(result.scales.map(({ scale }) => scale)).toEqual([1, 2]);
    expect(result.weights).toBeNull();
    const summary = summariseSteering(result, inverter.backbone.labels);
    expect(summary[1]!.difference.significantShare).toBeNull();
    expect(summary[1]!.activation.reconstructions.deviation).toBeNull();
    expect(summary[1]!.activation.steered).toBeCloseTo(2 * summary[1]!.activation.original, 3);
    const { predicted, classes } = { predicted: result.scales[1]!.predicted!, ...summary[1]! };
    expect(classes).toHaveLength(5);
    for (const change of classes) {
      expect(change.label).toBe(inverter.backbone.labels[change.index]);
      expect(change.predicted!.steered).toBe(predicted[change.index]);
      expect(change.measured.steered).toBe(
        result.scales[1]!.samples[0]!.probabilities[change.index],
      );
    }
    const sizes = classes.map(({ predicted: p }) => Math.abs(p!.steered - p!.unsteered));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  });

  it('changes the map inside a region only', async () => {
    const region: Region = { kind: 'box', x: 0, y: 0, width: 3 / 7, height: 1 };
    const result = await steer(inverter, photograph, fitted, {
      concept: 0,
      scales: [0, 1],
      region,
      seeds: 2,
      session,
    });
    expect(result.weights).toEqual(regionWeights(region, 7, 7));
    const [zero, one] = result.scales;
    zero!.activation.forEach((value, i) => {
      if (i % 7 < 3) expect(value).toBeCloseTo(0, 5);
      else expect(value).toBe(one!.activation[i]);
    });
    const [summary] = summariseSteering(result, inverter.backbone.labels);
    expect(summary!.activation.steered).toBeCloseTo(0, 5);
    expect(summary!.activation.reconstructions.deviation).toBeGreaterThanOrEqual(0);
  });
});

describe('checkSteering', () => {
  const options = { concept: 0, scales: [0] };
  const region: Region = { kind: 'box', x: 0, y: 0, width: 1, height: 1 };

  it('takes what fits', () => {
    expect(() => checkSteering(inverter, fitted, { ...options, region })).not.toThrow();
  });

  it.each([
    [{ concept: 3 }, 'there is no concept 3: axes found 3, numbered from 0'],
    [{ scales: [] }, 'at least one scale'],
    [{ scales: [0, Infinity] }, 'a finite number'],
    [{ scales: [0, 2, 0] }, 'scale 0 is given twice'],
    [{ seeds: 0 }, 'at least 1, got 0'],
    [{ seeds: 1.5 }, 'at least 1, got 1.5'],
  ])('refuses %j', (wrong, message) => {
    expect(() => checkSteering(inverter, fitted, { ...options, ...wrong })).toThrow(message);
  });

  it('refuses concepts of another layer', () => {
    const other = { ...fitted, layer: 'Conv2d_11_pointwise' };
    expect(() => checkSteering(inverter, other, options)).toThrow(
      'the concepts belong to layer Conv2d_11_pointwise of mobilenet_v1_025',
    );
  });

  it('refuses a region where the map is pooled', () => {
    const pooled = { config: { ...inverter.config, pooled: true } } as Inverter;
    expect(() => checkSteering(pooled, fitted, { ...options, region })).toThrow(
      'micro averages its map over positions, so it cannot show a region',
    );
  });
});
