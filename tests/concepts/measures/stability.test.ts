import { describe, expect, it } from 'vitest';

import { bestAssignment } from '../../../src/concepts/measures/assignment.js';
import {
  modelSimilarity,
  stability,
  stabilityOf,
} from '../../../src/concepts/measures/stability.js';
import { kMeansMethod } from '../../../src/concepts/methods/k-means.js';
import { Random } from '../../../src/random.js';
import { plantedSums } from '../planted.js';
import { madeUpModel, near, randomRows, rows } from './made-up.js';

describe('the best assignment', () => {
  const permutations = (items: readonly number[], count: number): number[][] =>
    count === 0
      ? [[]]
      : items.flatMap((item) =>
          permutations(
            items.filter((other) => other !== item),
            count - 1,
          ).map((rest) => [item, ...rest]),
        );

  it('has the largest sum of all, also with more columns than rows', () => {
    const random = new Random(3);
    for (const [n, m] of [
      [1, 1],
      [4, 4],
      [3, 5],
      [5, 5],
    ] as const) {
      for (let trial = 0; trial < 5; trial++) {
        const scores = Array.from({ length: n }, () =>
          Array.from({ length: m }, () => Math.round(8 * random.normal()) / 8),
        );
        const sum = (columns: number[]): number =>
          columns.reduce((total, column, i) => total + scores[i]![column]!, 0);
        const found = bestAssignment(scores);
        expect(new Set(found).size).toBe(n);
        const columns = [...Array(m).keys()];
        expect(sum(found)).toBeCloseTo(Math.max(...permutations(columns, n).map(sum)), 9);
      }
    }
  });

  it('does not take the largest score where that costs more elsewhere', () => {
    expect(
      bestAssignment([
        [0.9, 0.8],
        [0.8, 0.1],
      ]),
    ).toEqual([1, 0]);
  });
});

describe('stability', () => {
  const atoms = randomRows(4, 12, 1);

  it('is 1 for the same concepts in another order, of other signs and bases', () => {
    const first = madeUpModel(rows([1, 0, 0], [0, 1, 0], [0, 0, 1]), { sizes: [2, 1] });
    const second = madeUpModel(rows([0, 0, -2], [1, 1, 0], [1, -1, 0]), { sizes: [1, 2] });
    const { mean, similarities } = modelSimilarity(first, second);
    expect([mean, ...similarities]).toEqual([1, 1, 1].map((value) => near(value, 9)));
  });

  it('counts concepts without a partner as 0, whichever model has them', () => {
    const all = madeUpModel(atoms);
    const some = madeUpModel({ ...atoms, count: 3, data: atoms.data.subarray(0, 36) });
    expect(modelSimilarity(all, some).mean).toBeCloseTo(0.75, 6);
    expect(modelSimilarity(some, all).mean).toBeCloseTo(0.75, 6);
    const { concepts, lowest } = stabilityOf([all, some, all]);
    expect([...concepts]).toEqual([1, 1, 1, 0.5].map((value) => near(value, 6)));
    expect(lowest).toBeCloseTo(0.75, 6);
  });

  it('is high for clear clusters and low for noise', async () => {
    const { v } = plantedSums({
      count: 80,
      channels: 12,
      atoms: 3,
      active: 1,
      noise: 0.02,
      seed: 2,
    });
    const options = { count: 3, threads: 1 };
    const clear = await stability(kMeansMethod, v, [1, 2, 3], options);
    expect(clear.mean).toBeGreaterThan(0.99);
    const noise = await stability(kMeansMethod, randomRows(80, 12, 5), [1, 2, 3], options);
    expect(noise.mean).toBeLessThan(0.9);
    await expect(stability(kMeansMethod, v, [1], options)).rejects.toThrow('at least 2 seeds');
  });
});
