import type { Shape } from './pixels.js';

export interface Motion {
  /** Pixels; the line has 2 · radius + 1 of them. */
  readonly radius: number;
  /** Standard deviation, in pixels, of the half Gaussian along the line. */
  readonly sigma: number;
  /** Degrees, from the x axis towards the bottom. */
  readonly angle: number;
}

/**
 * Sums shifted copies along a line from each pixel, weighted by the falling half of a Gaussian; beyond the
 * edge its last value is seen. Where a shift would exceed the picture the rest of the line is left out.
 */
export function blurAlongLine(
  values: Float64Array,
  { width, height, channels }: Shape,
  { radius, sigma, angle }: Motion,
): Float64Array {
  const length = 2 * radius + 1;
  const weights = Float64Array.from({ length }, (_, i) => Math.exp(-(i * i) / (2 * sigma * sigma)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const radians = angle * (Math.PI / 180);
  const out = new Float64Array(values.length);
  for (let i = 0; i < length; i++) {
    const down = Math.ceil(i * Math.sin(radians) - 0.5);
    const right = Math.ceil(i * Math.cos(radians) - 0.5);
    if (Math.abs(down) >= height || Math.abs(right) >= width) break;
    const weight = weights[i]! / total;
    for (let y = 0; y < height; y++) {
      const row = clamp(y + down, height) * width;
      for (let x = 0; x < width; x++) {
        const from = (row + clamp(x + right, width)) * channels;
        const to = (y * width + x) * channels;
        for (let c = 0; c < channels; c++) out[to + c]! += weight * values[from + c]!;
      }
    }
  }
  return out;
}

const clamp = (index: number, count: number): number => Math.min(count - 1, Math.max(0, index));
