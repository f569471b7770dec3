import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { InputError } from '../errors.js';

export interface SymmetricEigen {
  /** Largest first. */
  readonly values: Float64Array;
  /** [n, n] row by row: row k is the unit eigenvector of value k, its largest entry positive. */
  readonly vectors: Float64Array;
}

/** All eigenvalues and eigenvectors of a symmetric matrix [n, n], row by row. */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  if (matrix.length !== n * n) {
    throw new InputError(`eigenvectors: ${matrix.length} values are not a ${n}x${n} matrix`);
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(n, n, matrix),
    { assumeSymmetric: true },
  );
  // Ties keep their order, so that the same matrix always gives the same rows.
  const order = [...realEigenvalues.keys()].sort(
    (a, b) => realEigenvalues[b]! - realEigenvalues[a]! || a - b,
  );
  const vectors = new Float64Array(n * n);
  order.forEach((column, k) => {
    let largest = 0;
    for (let i = 0; i < n; i++) {
      const value = eigenvectorMatrix.get(i, column);
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    const sign = largest < 0 ? -1 : 1;
    for (let i = 0; i < n; i++) vectors[k * n + i] = sign * eigenvectorMatrix.get(i, column);
  });
  return { values: Float64Array.from(order, (k) => realEigenvalues[k]!), vectors };
}
