/** The middle of some numbers, and how far they spread. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Of at least one number. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/**
 * Ratios of measurements taken in turns, a[i] right beside b[i]: noise that lasts longer than a turn
 * cancels, which it does not in the ratio of two medians.
 */
export function pairedRatios(a: readonly number[], b: readonly number[]): Spread {
  const pairs = Math.min(a.length, b.length);
  return spreadOf(Array.from({ length: pairs }, (_, i) => a[i]! / b[i]!));
}
