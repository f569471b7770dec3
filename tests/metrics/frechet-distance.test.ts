import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  frechetDistance,
  gaussianFromCovariance,
  gaussianFromSamples,
} from '../../src/metrics/index.js';
import { choleskyFactor } from '../../src/metrics/cholesky.js';
import { multiplyTransposed, transpose } from '../../src/metrics/matrix-product.js';
import { symmetricEigenvalues } from '../../src/metrics/symmetric-eigenvalues.js';
import { Random } from '../../src/random.js';
import { readFixtures } from './read-fixtures.js';
import { waveRows, waves } from './waves.js';

const fixtures = readFixtures();

const covariance = (
  rows: readonly Float64Array[],
): { mean: Float64Array; matrix: Float64Array } => {
  const d = rows[0]!.length;
  const mean = new Float64Array(d);
  rows.forEach((row) => row.forEach((value, i) => (mean[i]! += value / rows.length)));
  const matrix = Float64Array.from({ length: d * d }, (_, index) => {
    const [i, j] = [Math.floor(index / d), index % d];
    const sum = rows.reduce((total, row) => total + (row[i]! - mean[i]!) * (row[j]! - mean[j]!), 0);
    return sum / (rows.length - 1);
  });
  return { mean, matrix };
};

describe('symmetricEigenvalues', () => {
  it("gives numpy's eigenvalues", () => {
    const values = waves(144, 0.4);
    const symmetric = values.map((value, i) => value + values[(i % 12) * 12 + Math.floor(i / 12)]!);
    const result = symmetricEigenvalues(symmetric, 12);
    fixtures.eigenvalues.forEach((value, i) => expect(result[i]).toBeCloseTo(value, 11));
  });

  it('solves diagonal, empty and 1x1 matrices', () => {
    expect([...symmetricEigenvalues(Float64Array.of(3, 0, 0, 0, -1, 0, 0, 0, 2), 3)]).toEqual([
      -1, 2, 3,
    ]);
    expect([...symmetricEigenvalues(new Float64Array(16), 4)]).toEqual([0, 0, 0, 0]);
    expect([...symmetricEigenvalues(Float64Array.of(7), 1)]).toEqual([7]);
  });

  it('keeps trace and sum of squares of a larger matrix', () => {
    const n = 150;
    const random = new Random(8);
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random.normal();
    }
    const values = symmetricEigenvalues(matrix, n);
    const trace = Array.from({ length: n }, (_, i) => matrix[i * n + i]!).reduce((a, b) => a + b);
    expect(values.reduce((a, b) => a + b)).toBeCloseTo(trace, 9);
    const squares = matrix.reduce((sum, value) => sum + value * value, 0);
    expect(values.reduce((sum, value) => sum + value * value, 0) / squares).toBeCloseTo(1, 11);
  });

  it('refuses values that are not a square matrix', () => {
    expect(() => symmetricEigenvalues(new Float64Array(5), 2)).toThrow(/5 values are not a 2x2/);
  });
});

const largestDifference = (first: ArrayLike<number>, second: ArrayLike<number>): number => {
  expect(first.length).toBe(second.length);
  return Array.from(first, (value, i) => Math.abs(value - second[i]!)).reduce(
    (most, difference) => Math.max(most, difference),
    0,
  );
};

describe('multiplyTransposed', () => {
  const naive = (a: Float64Array, b: Float64Array, m: number, n: number, k: number): number[] =>
    Array.from({ length: m * n }, (_, index) => {
      const [i, j] = [Math.floor(index / n), index % n];
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[j * k + p]!;
      return sum;
    });

  it.each([
    [1, 1, 1],
    [4, 4, 4],
    [5, 7, 3],
    [9, 4, 300],
    [3, 13, 17],
    [261, 258, 6],
    [6, 260, 258],
  ])('multiplies %i x %i at depth %i', (m, n, k) => {
    const [a, b] = [waves(m * k, 0.3), waves(n * k, 1.7)];
    const result = multiplyTransposed(
      { rows: m, columns: k, data: a },
      { rows: n, columns: k, data: b },
    );
    expect(largestDifference(result.data, naive(a, b, m, n, k))).toBeLessThan(1e-10);
  });

  it('multiplies triangular matrices and a matrix with itself alike', () => {
    const n = 261;
    const data = waves(n * n, 0.9).map((value, i) => (i % n < Math.floor(i / n) ? 0 : value));
    const matrix = { rows: n, columns: n, data };
    const expected = naive(data, data, n, n, n);
    for (const other of [matrix, { ...matrix }]) {
      const { data: result } = multiplyTransposed(matrix, other);
      expect(largestDifference(result, expected)).toBeLessThan(1e-10);
    }
  });
});

describe('choleskyFactor', () => {
  it('factors a singular covariance', () => {
    const { matrix } = covariance(waveRows(4, 6, 0.2));
    const byColumn = transpose(choleskyFactor({ rows: 6, columns: 6, data: matrix }));
    const { data } = multiplyTransposed(byColumn, byColumn);
    data.forEach((value, i) => expect(value).toBeCloseTo(matrix[i]!, 7));
  });

  it('factors in blocks', () => {
    const { matrix } = covariance(waveRows(150, 130, 0.2));
    const { data } = choleskyFactor({ rows: 130, columns: 130, data: matrix });
    const expected = new CholeskyDecomposition(Matrix.from1DArray(130, 130, matrix));
    const upper = expected.lowerTriangularMatrix.transpose().to1DArray();
    expect(largestDifference(data, upper)).toBeLessThan(1e-9);
  });

  it('refuses a matrix that is no covariance', () => {
    const data = Float64Array.of(1, 2, 2, 1);
    expect(() => choleskyFactor({ rows: 2, columns: 2, data })).toThrow(/row 1 is not positive/);
  });
});

describe('frechetDistance', () => {
  it("gives scipy's distance with more vectors than features", () => {
    const first = waveRows(40, 6, 0.2);
    const second = waveRows(50, 6, 1.1).map((row) => row.map((value) => value * 1.3));
    const expected = fixtures.frechet.manySamples;
    const samples = frechetDistance(gaussianFromSamples(first), gaussianFromSamples(second));
    expect(samples).toBeCloseTo(expected, 9);
    const [one, two] = [covariance(first), covariance(second)];
    const statistics = frechetDistance(
      gaussianFromCovariance(one.mean, one.matrix),
      gaussianFromCovariance(two.mean, two.matrix),
    );
    expect(statistics).toBeCloseTo(expected, 9);
  });

  it("gives scipy's distance with fewer vectors than features, from either form", () => {
    const first = waveRows(5, 9, 0.2);
    const second = waveRows(7, 9, 1.1).map((row) => row.map((value) => value + 0.2));
    // scipy's root of a singular product is good to about 1e-6.
    const expected = fixtures.frechet.fewSamples;
    const few = frechetDistance(gaussianFromSamples(first), gaussianFromSamples(second));
    expect(few).toBeCloseTo(expected, 5);
    const { mean, matrix } = covariance(second);
    const mixed = frechetDistance(gaussianFromSamples(first), gaussianFromCovariance(mean, matrix));
    expect(mixed).toBeCloseTo(few, 5);
  });

  it('is the squared distance of the means plus that of the deviations in one dimension', () => {
    const first = gaussianFromCovariance(Float64Array.of(1), Float64Array.of(4));
    const second = gaussianFromCovariance(Float64Array.of(3), Float64Array.of(9));
    expect(frechetDistance(first, second)).toBeCloseTo(4 + 1, 12);
  });

  it('is nothing for equal samples', () => {
    const gaussian = gaussianFromSamples(waveRows(12, 30, 0.2));
    expect(frechetDistance(gaussian, gaussian)).toBeCloseTo(0, 6);
  });

  it('refuses too few or uneven vectors and unlike lengths', () => {
    expect(() => gaussianFromSamples([[1, 2]])).toThrow(/at least two/);
    expect(() => gaussianFromSamples([[1, 2], [1]])).toThrow(/same number of values/);
    const one = gaussianFromSamples([[1], [2]]);
    const two = gaussianFromSamples([
      [1, 2],
      [2, 1],
    ]);
    expect(() => frechetDistance(one, two)).toThrow(/features of 1 and 2 values/);
  });
});
