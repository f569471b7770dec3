import path from 'node:path';

import { describe, expect, it, vi } from 'vitest';

import { loadTraceableBackbone } from '../../../src/backbones/index.js';
import { component, encode } from '../../../src/concepts/concept-model.js';
import { frozenNormHead } from '../../../src/concepts/measures/frozen-norm-head.js';
import {
  gradientRelevance,
  LogitGradient,
} from '../../../src/concepts/measures/gradient-relevance.js';
import { relevance, sumOf } from '../../../src/concepts/measures/relevance.js';
import { kMeansMethod } from '../../../src/concepts/methods/k-means.js';
import { pca } from '../../../src/concepts/methods/pca.js';
import { meanRow, rowOf, vectorsOfMap } from '../../../src/concepts/vectors.js';
import { readImage } from '../../../src/images/read-image.js';
import { centreSquare } from '../../../src/images/resize.js';
import { FeatureExtractor } from '../../../src/inversion/feature-extractor.js';
import { toBatch } from '../../../src/inversion/planar.js';
import { packageRoot } from '../../../src/package-root.js';
import { Random } from '../../../src/random.js';
import { madeUpModel, randomRows, rows } from './made-up.js';

// Normally a few seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000 });

const whole = ({ concepts, offset, rest }: ReturnType<typeof relevance>): number =>
  [...concepts, offset, rest].reduce((sum, values) => sum + sumOf(values), 0);

describe('relevance behind a pool→linear head', () => {
  const head = {
    channels: 3,
    weight: Float32Array.of(9, 9, 9, 1, -2, 4),
    bias: Float32Array.of(5, 7),
  };

  it('is the class vector times each part, by position', () => {
    const model = madeUpModel(rows([1, 0, 0], [0, 1, 0]), { offset: [1, 1, 1] });
    const result = relevance(model, rows([3, 2, 1], [1, 1, 5]), head, 1);
    // Parts (2, 0, 0) and (0, 1, 0), rest 0 | 0, 0, rest (0, 0, 4); all halved by the average.
    expect(result).toEqual({
      concepts: [Float64Array.of(1, 0), Float64Array.of(-1, 0)],
      offset: Float64Array.of(1.5, 1.5),
      rest: Float64Array.of(0, 8),
      total: 11,
    });
    // W · (2, 1.5, 3) = 11: the logit minus the bias.
    expect(1 * 2 - 2 * 1.5 + 4 * 3).toBe(result.total);
  });

  it('agrees with the components of any encoder', () => {
    const dictionary = randomRows(4, 3, 5);
    const model = madeUpModel(dictionary, {
      sizes: [3, 1],
      encoder: { kind: 'top-k', weight: dictionary, bias: new Float32Array(4), active: 2 },
    });
    const v = randomRows(6, 3, 6);
    const { concepts, total } = relevance(model, v, head, 1);
    const codes = encode(model, v);
    concepts.forEach((values, k) => {
      const part = component(model, codes, k);
      values.forEach((value, i) => {
        const [a, b, c] = rowOf(part, i);
        expect(value).toBeCloseTo((a! - 2 * b! + 4 * c!) / 6, 6);
      });
    });
    const [a, b, c] = meanRow(v);
    expect(total).toBeCloseTo(a! - 2 * b! + 4 * c!, 6);
  });

  it('refuses a class that the head does not have', () => {
    const model = madeUpModel(rows([1, 0, 0]));
    expect(() => relevance(model, rows([1, 2, 3]), head, 2)).toThrow(
      'there is no class 2: the head has 2, numbered from 0',
    );
  });
});

describe('a head with a layer normalisation', () => {
  const [channels, classes] = [16, 3];
  const random = new Random(8);
  const draw = (count: number): Float32Array => random.fillNormal(new Float32Array(count));
  const head = { channels, weight: draw(classes * channels), bias: draw(classes) };
  const norm = { weight: draw(channels), bias: draw(channels), epsilon: 1e-6 };
  const logits = (pooled: ArrayLike<number>): number[] => {
    const x = Array.from(pooled);
    const mean = x.reduce((sum, value) => sum + value) / channels;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / channels;
    const normed = x.map(
      (value, c) =>
        ((value - mean) / Math.sqrt(variance + norm.epsilon)) * norm.weight[c]! + norm.bias[c]!,
    );
    return Array.from(head.bias, (bias, j) =>
      normed.reduce((sum, value, c) => sum + value * head.weight[j * channels + c]!, bias),
    );
  };

  it('is affine at one input: relevances sum to its logit minus the affine bias', () => {
    const v = randomRows(9, channels, 9);
    const frozen = frozenNormHead(head, norm, meanRow(v));
    const model = madeUpModel(randomRows(5, channels, 10), { sizes: [2, 2, 1] });
    logits(meanRow(v)).forEach((logit, j) => {
      const result = relevance(model, v, frozen, j);
      expect(result.total).toBeCloseTo(logit - frozen.bias[j]!, 6);
      expect(whole(result)).toBeCloseTo(result.total, 9);
    });
  });

  it('gives no relevance to a part that is the same in all channels', () => {
    const v = randomRows(4, channels, 11);
    const frozen = frozenNormHead(head, norm, meanRow(v));
    const flat = madeUpModel(rows(new Array<number>(channels).fill(0.25)));
    expect(sumOf(relevance(flat, v, frozen, 0).concepts[0]!)).toBeCloseTo(0, 9);
  });

  it('names what has the wrong width', () => {
    expect(() => frozenNormHead(head, norm, [1, 2])).toThrow(
      'the head has 16 channels, pooled has 2 values',
    );
  });
});

describe('relevance in the shipped EfficientNet-Lite0', async () => {
  const backbone = await loadTraceableBackbone('efficientnet_lite0');
  const photograph = path.join(packageRoot(), 'photos', 'red-panda.jpg');
  const look = async (layer: string) => {
    const extractor = await FeatureExtractor.open(backbone.id, layer, 64, { threads: 1 });
    const square = centreSquare(await readImage(photograph), 64);
    const { maps, logits } = await extractor.run(toBatch([square]));
    await extractor.dispose();
    return { map: { shape: extractor.mapShape, data: maps }, logits };
  };
  const first = (logits: Float32Array): number => logits.indexOf(Math.max(...logits));

  it('sums to the logit minus the bias at the last layer', async () => {
    const { map, logits } = await look('head');
    const v = vectorsOfMap(map);
    const model = await kMeansMethod.fit(v, { count: 4, seed: 1, threads: 1 });
    const head = backbone.classWeights();
    expect(head.layer).toBe('head');
    for (const classIndex of [first(logits), 0, 500]) {
      const result = relevance(model, v, head, classIndex);
      const logit = logits[classIndex]!;
      const gap = Math.abs(whole(result) - (logit - head.bias[classIndex]!));
      expect(gap).toBeLessThanOrEqual(1e-4 * Math.abs(logit));
      expect(Math.max(...result.concepts.map((values) => Math.abs(sumOf(values))))).not.toBe(0);
    }
  });

  it('is a derivative at an earlier layer, which finite differences of the logit confirm', async () => {
    const { map, logits } = await look('blocks.10');
    const v = vectorsOfMap(map);
    const model = await pca.fit(v, { count: 3, seed: 1, threads: 1 });
    const session = await LogitGradient.open(backbone, 'blocks.10', map.shape, { threads: 1 });
    const { gradient, classIndex, logits: again } = await session.at(map);
    expect(classIndex).toBe(first(logits));
    expect(again[classIndex]).toBeCloseTo(logits[classIndex]!, 3);
    const result = gradientRelevance(model, map, gradient);
    const codes = encode(model, v);
    for (const k of model.concepts.keys()) {
      const part = component(model, codes, k);
      const logitAt = async (scale: number): Promise<number> => {
        const data = map.data.slice();
        const positions = map.shape[1] * map.shape[2];
        for (let i = 0; i < positions; i++) {
          rowOf(part, i).forEach((value, c) => (data[c * positions + i]! += scale * value));
        }
        return (await session.at({ ...map, data }, classIndex)).logits[classIndex]!;
      };
      const step = 2e-3;
      const slope = ((await logitAt(step)) - (await logitAt(-step))) / (2 * step);
      expect(Math.abs(sumOf(result.concepts[k]!) - slope)).toBeLessThan(
        0.02 * Math.abs(slope) + 2e-3,
      );
    }
    await expect(session.at(map, 1000)).rejects.toThrow('there is no class 1000');
    await session.dispose();
  });
});
