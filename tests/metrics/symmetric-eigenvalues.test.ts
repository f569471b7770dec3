import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { WorkError } from '../../src/errors.js';
import { multiplyTransposed } from '../../src/metrics/matrix-product.js';
import { symmetricEigenvalues } from '../../src/metrics/symmetric-eigenvalues.js';
import { Random } from '../../src/random.js';

/** X X' of normal numbers [n, rank] whose columns fade to 10^-digits. */
function fadingGram(n: number, rank: number, digits: number, seed: number): Float64Array {
  const random = new Random(seed);
  const data = Float64Array.from(
    { length: n * rank },
    (_, i) => random.normal() * 10 ** ((-digits * (i % rank)) / rank),
  );
  const x = { rows: n, columns: rank, data };
  return multiplyTransposed(x, x).data;
}

/** Sizes that fall from 1 at the end to 10^-digits at the start. */
function fadingTridiagonal(n: number, digits: number, seed: number): Float64Array {
  const random = new Random(seed);
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const size = 10 ** (-digits * (1 - i / (n - 1)));
    matrix[i * n + i] = random.normal() * size;
    if (i > 0) matrix[i * n + i - 1] = matrix[(i - 1) * n + i] = random.normal() * size;
  }
  return matrix;
}

/** Largest difference from ml-matrix's eigenvalues, relative to the largest of them. */
function errorOf(matrix: Float64Array, n: number): number {
  const other = new EigenvalueDecomposition(Matrix.from1DArray(n, n, matrix), {
    assumeSymmetric: true,
  });
  const expected = Float64Array.from(other.realEigenvalues).sort();
  const largest = Math.max(-expected[0]!, expected.at(-1)!);
  const errors = symmetricEigenvalues(matrix, n).map((value, i) => Math.abs(value - expected[i]!));
  return errors.reduce((most, error) => Math.max(most, error), 0) / largest;
}

describe('symmetricEigenvalues of singular matrices', () => {
  it('converges for products of few fading columns', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 240 }),
        fc.integer({ min: 100, max: 199 }),
        fc.integer({ min: 6, max: 13 }),
        fc.nat(),
        (n, rank, digits, seed) => {
          expect(errorOf(fadingGram(n, rank, digits, seed), n)).toBeLessThan(1e-13);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('converges for entries whose squares vanish', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 40 }),
        fc.integer({ min: 0, max: 300 }),
        fc.nat(),
        (n, digits, seed) => {
          expect(errorOf(fadingTridiagonal(n, digits, seed), n)).toBeLessThan(1e-13);
        },
      ),
    );
  });

  it('scales with the matrix', () => {
    const values = symmetricEigenvalues(fadingGram(30, 20, 2, 1), 30);
    for (const scale of [2 ** -700, 2 ** 700]) {
      const scaled = symmetricEigenvalues(
        fadingGram(30, 20, 2, 1).map((value) => value * scale),
        30,
      );
      expect(scaled).toEqual(values.map((value) => value * scale));
    }
  });

  it('says so when the matrix is not finite', () => {
    for (const wrong of [NaN, Infinity]) {
      const matrix = Float64Array.of(1, 2, 3, 2, wrong, 1, 3, 1, 2);
      expect(() => symmetricEigenvalues(matrix, 3)).toThrow(WorkError);
      expect(() => symmetricEigenvalues(matrix, 3)).toThrow(/the matrix is not finite/);
    }
  });
});
