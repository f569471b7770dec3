import { InputError } from '../errors.js';
import { choleskyFactor } from './cholesky.js';
import type { Matrix, RowSource } from './matrix-product.js';
import { multiplyRows, multiplyTransposed, transpose } from './matrix-product.js';
import { TILE } from './simd-tile.js';
import { symmetricEigenvalues } from './symmetric-eigenvalues.js';

/** A normal distribution over d features. */
export interface Gaussian {
  /** [d] */
  readonly mean: Float64Array;
  /** [r, d], any factor of the covariance: factor' factor = covariance. */
  readonly factor: Matrix;
}

/** From a mean [d] and a covariance [d, d]. */
export function gaussianFromCovariance(mean: Float64Array, covariance: Float64Array): Gaussian {
  const d = mean.length;
  if (covariance.length !== d * d) {
    throw new InputError(
      `Gaussian: a mean of ${d} and a covariance of ${covariance.length} values; it needs ${d * d}`,
    );
  }
  return { mean, factor: choleskyFactor({ rows: d, columns: d, data: covariance }) };
}

/**
 * From feature vectors, all of one length d, with the unbiased covariance (divisor n - 1).
 *
 * Fewer vectors than features stay what they are: the centred vectors are the factor, exactly.
 */
export function gaussianFromSamples(samples: readonly ArrayLike<number>[]): Gaussian {
  const n = samples.length;
  const d = samples[0]?.length ?? 0;
  if (n < 2 || d === 0 || samples.some((sample) => sample.length !== d)) {
    throw new InputError(
      `Gaussian: ${n} feature vectors; give at least two, all with the same number of values`,
    );
  }
  const mean = new Float64Array(d);
  for (const sample of samples) for (let i = 0; i < d; i++) mean[i]! += sample[i]! / n;
  const scale = 1 / Math.sqrt(n - 1);
  if (n > d) {
    const features = centredFeatures(samples, mean, scale);
    return { mean, factor: choleskyFactor(multiplyRows(features, features)) };
  }
  const data = new Float64Array(n * d);
  samples.forEach((sample, row) => {
    for (let i = 0; i < d; i++) data[row * d + i] = (sample[i]! - mean[i]!) * scale;
  });
  return { mean, factor: { rows: n, columns: d, data } };
}

/** A row for each feature and a column for each sample, read from where they are: nothing is copied. */
function centredFeatures(
  samples: readonly ArrayLike<number>[],
  mean: Float64Array,
  scale: number,
): RowSource {
  const pack: RowSource['pack'] = (group, from, to, target, at) => {
    for (let p = from; p < to; p++) {
      const sample = samples[p]!;
      for (let r = 0; r < TILE; r++) {
        const i = group * TILE + r;
        target[at++] = i < mean.length ? (sample[i]! - mean[i]!) * scale : 0;
      }
    }
  };
  return { rows: mean.length, columns: samples.length, zeros: () => 0, pack };
}

/**
 * Fréchet distance of two normal distributions (Dowson and Landau, 1982), squared as in FID:
 * |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)).
 *
 * With C1 = A'A and C2 = B'B, tr (C1 C2)^(1/2) is the sum of the singular values of A B', so no
 * matrix root is taken: stable for singular covariances, and small when vectors are few.
 */
export function frechetDistance(first: Gaussian, second: Gaussian): number {
  if (first.mean.length !== second.mean.length) {
    throw new InputError(
      `Fréchet distance: features of ${first.mean.length} and ${second.mean.length} values; they must match`,
    );
  }
  let distance = 0;
  first.mean.forEach((value, i) => (distance += (value - second.mean[i]!) ** 2));
  const spread = squareSum(first.factor) + squareSum(second.factor);
  const overlap = nuclearNorm(multiplyTransposed(first.factor, second.factor));
  return distance + Math.max(0, spread - 2 * overlap);
}

const squareSum = ({ data }: Matrix): number => data.reduce((sum, value) => sum + value * value, 0);

/** Sum of the singular values. */
function nuclearNorm(matrix: Matrix): number {
  const flat = matrix.rows <= matrix.columns ? matrix : transpose(matrix);
  const gram = multiplyTransposed(flat, flat);
  return symmetricEigenvalues(gram.data, gram.rows).reduce(
    (sum, value) => sum + Math.sqrt(Math.max(0, value)),
    0,
  );
}
