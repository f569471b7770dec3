import type { Shape } from './pixels.js';

/** What lies beyond the edge: the last value again and again, or the picture mirrored with its edge. */
export type Border = 'nearest' | 'mirror';

export interface GaussianOptions {
  /** Standard deviation in pixels, down and across. */
  readonly sigma: readonly [number, number];
  readonly border: Border;
  /** Half-width of the kernel in standard deviations. */
  readonly truncate: number;
}

/** Smooths each channel, first down, then across, in the precision of the array; the input stays as it is. */
export function gaussianFilter<Values extends Float32Array | Float64Array>(
  values: Values,
  { width, height, channels }: Shape,
  { sigma, border, truncate }: GaussianOptions,
): Values {
  const down = values.slice() as Values;
  const row = width * channels;
  const [vertical, horizontal] = sigma.map((s) =>
    gaussianKernel(s, Math.trunc(truncate * s + 0.5)),
  );
  for (let i = 0; i < row; i++) filterLine(values, down, i, row, height, vertical!, border);
  const across = down.slice() as Values;
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < channels; c++) {
      filterLine(down, across, y * row + c, channels, width, horizontal!, border);
    }
  }
  return across;
}

/** Weights for distances 0 to radius of a kernel whose sum over both sides is 1. */
function gaussianKernel(sigma: number, radius: number): Float64Array {
  const weights = Float64Array.from({ length: radius + 1 }, (_, x) =>
    Math.exp((-0.5 / (sigma * sigma)) * x * x),
  );
  let total = 0;
  for (let x = -radius; x <= radius; x++) total += weights[Math.abs(x)]!;
  return weights.map((weight) => weight / total);
}

/** One line of `count` values `stride` apart, from `start`. */
function filterLine(
  from: Float32Array | Float64Array,
  to: Float32Array | Float64Array,
  start: number,
  stride: number,
  count: number,
  kernel: Float64Array,
  border: Border,
): void {
  const radius = kernel.length - 1;
  const line = new Float64Array(count + 2 * radius);
  for (let i = -radius; i < count + radius; i++) {
    line[i + radius] = from[start + borderIndex(i, count, border) * stride]!;
  }
  for (let i = 0; i < count; i++) {
    const centre = i + radius;
    let sum = line[centre]! * kernel[0]!;
    for (let k = radius; k > 0; k--) sum += (line[centre - k]! + line[centre + k]!) * kernel[k]!;
    to[start + i * stride] = sum;
  }
}

/** Index in 0 to count - 1 of what is seen at a place on or beyond the edge. */
export function borderIndex(index: number, count: number, border: Border): number {
  if (border === 'nearest') return Math.min(count - 1, Math.max(0, index));
  const period = 2 * count;
  const within = ((index % period) + period) % period;
  return within < count ? within : period - 1 - within;
}
