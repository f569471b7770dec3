import { quantile } from '../../metrics/quantile.js';
import type { SparseRow } from './sparse-matrix.js';

/**
 * Vectors that the others represent well, in ascending order: the share `kept` of them whose rows have the
 * lowest L1 norm. An empty row belongs to a vector that the others cannot represent at all.
 */
export function inliers(rows: readonly SparseRow[], kept: number): number[] {
  const norms = rows.map(({ values }) =>
    values.length === 0 ? Infinity : values.reduce((sum, value) => sum + Math.abs(value), 0),
  );
  const finite = norms.filter((norm) => norm < Infinity);
  if (finite.length === 0) return [];
  const limit = quantile(finite, kept);
  return [...norms.keys()].filter((i) => norms[i]! <= limit);
}

/** The rows at unit length in the Euclidean norm. */
export function unitSparseRows(rows: readonly SparseRow[]): SparseRow[] {
  return rows.map(({ columns, values }) => {
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    return { columns, values: length === 0 ? values : values.map((value) => value / length) };
  });
}
