import { InputError } from '../errors.js';
import { matrixRows, multiplyRows, type Matrix } from './matrix-product.js';

/** Columns that are found together: what earlier ones contribute to them is one matrix product. */
const BLOCK = 64;

/**
 * Upper triangular factor F of a symmetric positive semi-definite matrix, F' F = matrix.
 *
 * Directions without variance, up to rounding, become zero rows.
 */
export function choleskyFactor({ rows: n, columns, data: a }: Matrix): Matrix {
  if (n !== columns) throw new InputError(`Cholesky: a ${n}x${columns} matrix is not square`);
  const lower = new Float64Array(n * n);
  for (let block = 0; block < n; block += BLOCK) {
    const width = Math.min(BLOCK, n - block);
    const part = { data: lower, columns: block, stride: n, offset: block * n };
    const earlier = multiplyRows(
      matrixRows({ ...part, rows: n - block }),
      matrixRows({ ...part, rows: width }),
    );
    for (let i = block; i < n; i++) {
      const sums = earlier.data.subarray((i - block) * width, (i - block + 1) * width);
      solveRow(a, lower, n, i, block, sums);
    }
  }
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) factor[i * n + j] = lower[j * n + i]!;
  }
  return { rows: n, columns: n, data: factor };
}

/** Columns of row i of the lower factor from `block` on, as many as there are sums over earlier columns. */
function solveRow(
  a: Float64Array,
  lower: Float64Array,
  n: number,
  i: number,
  block: number,
  sums: Float64Array,
): void {
  const row = i * n;
  const end = Math.min(i + 1, block + sums.length);
  for (let j = block; j < end; j++) {
    const other = j * n;
    let sum = a[row + j]! - sums[j - block]!;
    for (let k = block; k < j; k++) sum -= lower[row + k]! * lower[other + k]!;
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
