import { InputError } from '../errors.js';

/**
 * The q-quantile of the values, interpolating linearly between neighbours (numpy's default).
 *
 * @param q from 0 (smallest) to 1 (largest)
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (values.length === 0) throw new InputError('quantile: no values');
  if (!(q >= 0 && q <= 1)) throw new InputError(`quantile: ${q} is not between 0 and 1`);
  const sorted = Float64Array.from(values).sort();
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
}

/** The middle value, or the mean of the two middle values. */
export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** The arithmetic mean, in float64. */
export function mean(values: ArrayLike<number>): number {
  if (values.length === 0) throw new InputError('mean: no values');
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
