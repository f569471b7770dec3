/** What every method asks of its vectors and of the number of concepts. */
import { InputError } from '../../errors.js';
import { dot, rowOf, type Vectors } from '../vectors.js';

/** Throws InputError unless there are vectors, all values are finite and one is not 0. */
export function checkVectors(v: Vectors, method: string): void {
  if (v.count === 0 || v.width === 0) {
    throw new InputError(`${method}: there are no feature vectors to fit concepts to`);
  }
  const wrong = v.data.findIndex((value) => !Number.isFinite(value));
  if (wrong !== -1) {
    throw new InputError(
      `${method}: channel ${wrong % v.width} of feature vector ${Math.floor(wrong / v.width)} is ${v.data[wrong]}; all values must be finite`,
    );
  }
  if (v.data.every((value) => value === 0)) {
    throw new InputError(`${method}: all feature vectors are 0, there is nothing to find in them`);
  }
}

/**
 * The number of concepts to fit: `wanted`, or `byDefault` as far as the vectors allow. Throws InputError
 * beyond `limit`, which `reason` explains.
 */
export function conceptCount(
  method: string,
  wanted: number | undefined,
  byDefault: number,
  limit: number,
  reason: string,
): number {
  if (wanted === undefined) return Math.min(byDefault, limit);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > limit) {
    throw new InputError(
      `${method}: the number of concepts must be a whole number from 1 to ${limit}, ${reason}, got ${wanted}`,
    );
  }
  return wanted;
}

/** Numbers of the rows that are not 0. */
export function nonZeroRows(v: Vectors): number[] {
  return [...Array(v.count).keys()].filter((i) => dot(rowOf(v, i), rowOf(v, i)) > 0);
}
