import { InputError } from '../errors.js';

/**
 * Which of many tests to reject so that the expected share of false ones among them is at most `rate`:
 * those up to the largest p₍ᵢ₎ ≤ i/m · rate (Benjamini and Hochberg 1995; independent or positively
 * dependent tests).
 *
 * @returns 1 for a rejected test, else 0, in the order of the p values
 */
export function benjaminiHochberg(pValues: Float64Array, rate: number): Uint8Array {
  if (!(rate > 0 && rate < 1)) {
    throw new InputError(`benjamini-hochberg: the rate must be between 0 and 1, got ${rate}`);
  }
  const sorted = Float64Array.from(pValues).sort();
  const last = sorted.findLastIndex((p, i) => p <= ((i + 1) / sorted.length) * rate);
  const threshold = last === -1 ? -1 : sorted[last]!;
  return Uint8Array.from(pValues, (p) => (p <= threshold ? 1 : 0));
}
