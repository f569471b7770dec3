import { InputError } from '../errors.js';
import type { Matrix } from './matrix-product.js';

/**
 * Upper triangular factor F of a symmetric positive semi-definite matrix, F' F = matrix.
 *
 * Directions without variance, up to rounding, become zero rows.
 */
export function choleskyFactor({ rows: n, columns, data: a }: Matrix): Matrix {
  if (n !== columns) throw new InputError(`Cholesky: a ${n}x${columns} matrix is not square`);
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++) {
      const other = j * n;
      let sum = a[row + j]!;
      for (let k = 0; k < j; k++) sum -= lower[row + k]! * lower[other + k]!;
      if (j < i) {
        const pivot = lower[other + j]!;
        lower[row + j] = pivot > 0 ? sum / pivot : 0;
      } else {
        const size = a[row + i]!;
        if (!(size >= 0) || sum < -1e-6 * size) {
          throw new InputError(
            `Cholesky: the matrix is not a covariance (row ${i} is not positive semi-definite)`,
          );
        }
        lower[row + i] = sum > n * Number.EPSILON * size ? Math.sqrt(sum) : 0;
      }
    }
  }
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) factor[i * n + j] = lower[j * n + i]!;
  }
  return { rows: n, columns: n, data: factor };
}
