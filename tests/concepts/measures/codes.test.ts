import { describe, expect, it } from 'vitest';

import { explainedByConcept, rSquared } from '../../../src/concepts/measures/explained.js';
import { sparsity } from '../../../src/concepts/measures/sparsity.js';
import { pca } from '../../../src/concepts/methods/pca.js';
import { madeUpModel, near, randomRows, rows } from './made-up.js';

describe('R²', () => {
  it('is 1 for exact parts, 0 for the mean alone', () => {
    const v = rows([1, 2], [3, -4], [-1, 5]);
    const exact = madeUpModel(rows([1, 0], [0, 1]));
    expect(rSquared(exact, v)).toBe(1);
    const offset = [1, 1];
    const mean = madeUpModel(rows([1, 0]), {
      offset,
      encoder: { kind: 'top-k', weight: rows([0, 0]), bias: Float32Array.of(-1), active: 1 },
    });
    expect(rSquared(mean, v)).toBeCloseTo(0, 6);
  });

  it('grows concept by concept as the shares of variance of principal components do', async () => {
    const v = randomRows(60, 5, 4);
    v.data.forEach((value, i) => (v.data[i] = value * (5 - (i % 5)) + 2));
    const model = await pca.fit(v, { count: 3, seed: 0, threads: 1 });
    const { rSquared: curve, energyShare } = explainedByConcept(model, v);
    const shares = [0, 1, 2].map((k) => model.diagnostics[`explainedVariance of concept ${k}`]!);
    const total = shares[0]! + shares[1]! + shares[2]!;
    expect(curve[0]).toBeCloseTo(shares[0]!, 5);
    expect(curve[2]).toBeCloseTo(total, 5);
    expect(curve[2]).toBeCloseTo(rSquared(model, v), 6);
    expect([...energyShare]).toEqual(shares.map((share) => near(share / total, 5)));
  });
});

describe('overlap', () => {
  it('is 1 for orthogonal parts and more where parts cancel each other', () => {
    const orthogonal = madeUpModel(rows([1, 0], [0, 1]), { offset: [1, 1] });
    expect(explainedByConcept(orthogonal, rows([3, 4], [1, 7])).overlap).toBe(1);
    // (0, 1) = −(1, 0) + (1, 1): squared lengths 1 and 2 against 1.
    const weight = rows([1, -1], [0, 1]);
    const oblique = madeUpModel(rows([1, 0], [1, 1]), { encoder: { kind: 'linear', weight } });
    const { overlap, rSquared: curve } = explainedByConcept(oblique, rows([0, 1], [0, -1]));
    expect(overlap).toBeCloseTo(3, 6);
    expect([...curve]).toEqual([-1, 1]);
  });
});

describe('sparsity', () => {
  it('is Hoyer’s measure and the share of codes near zero', () => {
    // One code; all codes equal; (3, 4, 0, 0): (2 − 7/5) / (2 − 1).
    const codes = rows([0, -2, 0, 0], [1, 1, -1, 1], [3, 4, 0, 1e-6]);
    expect(sparsity(codes)).toEqual({
      zeroShare: near((0.75 + 0 + 0.5) / 3, 6),
      hoyer: near((1 + 0 + 0.6) / 3, 6),
    });
  });

  it('counts vectors without codes as zeros only', () => {
    expect(sparsity(rows([0, 0], [1, 0]))).toEqual({ zeroShare: 0.75, hoyer: 1 });
    expect(sparsity(rows([0, 0]))).toEqual({ zeroShare: 1, hoyer: 0 });
    expect(sparsity(rows([3]))).toEqual({ zeroShare: 0, hoyer: 0 });
  });
});
