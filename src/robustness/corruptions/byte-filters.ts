/** Small filters on planes. Beyond the edge the plane is mirrored without repeating the edge value. */
import type { Shape } from './pixels.js';

/** The nine values around each place, row by row. */
function neighbourhoods<Result>(
  values: Uint8Array | Float32Array,
  { width, height }: Shape,
  combine: (nine: readonly number[]) => Result,
): Result[] {
  const mirror = (index: number, count: number): number =>
    index < 0 ? -index : index < count ? index : 2 * (count - 1) - index;
  const results: Result[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const nine: number[] = [];
      for (let i = -1; i <= 1; i++) {
        for (let j = -1; j <= 1; j++) {
          nine.push(values[mirror(y + i, height) * width + mirror(x + j, width)]!);
        }
      }
      results.push(combine(nine));
    }
  }
  return results;
}

/** The mean of 3×3 values. */
export function boxBlur(values: Float32Array, shape: Shape): Float32Array {
  return Float32Array.from(
    neighbourhoods(values, shape, (nine) => nine.reduce((sum, value) => sum + value, 0) / 9),
  );
}

/** Correlation with nine integers, clipped to 0 to 255. */
export function convolve3x3(
  values: Uint8Array,
  shape: Shape,
  kernel: readonly number[],
): Uint8Array {
  const sums = neighbourhoods(values, shape, (nine) =>
    nine.reduce((sum, value, i) => sum + value * kernel[i]!, 0),
  );
  return Uint8Array.from(sums, (sum) => Math.min(255, Math.max(0, sum)));
}

/** Spreads the levels so that equally many values lie in equal ranges; the lowest becomes 0. */
export function equaliseHistogram(values: Uint8Array): Uint8Array {
  const counts = new Float64Array(256);
  for (const value of values) counts[value]! += 1;
  const lowest = counts.findIndex((count) => count > 0);
  const others = values.length - counts[lowest]!;
  if (others === 0) return values.slice();
  const scale = Math.fround(255 / others);
  const levels = new Uint8Array(256);
  let below = 0;
  for (let level = lowest + 1; level < 256; level++) {
    below += counts[level]!;
    levels[level] = Math.min(255, Math.round(Math.fround(below * scale)));
  }
  return values.map((value) => levels[value]!);
}
