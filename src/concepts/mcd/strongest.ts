const BINS = 2048;

/**
 * Places of about the `count` values that are largest without their sign, in ascending order; never more
 * than `count`, and no zeros. Where a bin of nearly equal values does not fit as a whole, its first ones are
 * taken.
 */
export function strongest(values: Float32Array, count: number): Uint32Array {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return new Uint32Array(0);
  const scale = (BINS - 1) / largest;
  const sizes = new Uint32Array(BINS);
  for (const value of values) if (value !== 0) sizes[Math.floor(Math.abs(value) * scale)]!++;
  let bin = BINS - 1;
  let above = 0;
  while (bin > 0 && above + sizes[bin]! <= count) above += sizes[bin--]!;
  let fromBin = count - above;
  const chosen: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    const own = Math.floor(Math.abs(values[i]!) * scale);
    if (own > bin || (own === bin && fromBin-- > 0)) chosen.push(i);
  }
  return Uint32Array.from(chosen);
}
