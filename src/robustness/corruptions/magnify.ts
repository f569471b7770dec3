import type { Shape } from './pixels.js';

/**
 * The middle part of an array magnified by `factor` ≥ 1 to at least the array's size, cut to it from the
 * top left; linear between pixel centres, the first and last of which keep their places.
 */
export function magnify<Values extends Float32Array | Float64Array>(
  values: Values,
  { width, height, channels }: Shape,
  factor: number,
): Values {
  const rows = linearTaps(height, factor);
  const columns = linearTaps(width, factor);
  const out = values.slice() as Values;
  for (let y = 0; y < height; y++) {
    const { low: top, high: bottom, share: sy } = rows[y]!;
    for (let x = 0; x < width; x++) {
      const { low: left, high: right, share: sx } = columns[x]!;
      for (let c = 0; c < channels; c++) {
        const at = (row: number, column: number): number =>
          values[(row * width + column) * channels + c]!;
        out[(y * width + x) * channels + c] =
          at(top, left) * (1 - sy) * (1 - sx) +
          at(top, right) * (1 - sy) * sx +
          at(bottom, left) * sy * (1 - sx) +
          at(bottom, right) * sy * sx;
      }
    }
  }
  return out;
}

interface Taps {
  readonly low: number;
  readonly high: number;
  /** Weight of `high`. */
  readonly share: number;
}

/** For each of the first `size` magnified positions the two pixels between which it lies. */
function linearTaps(size: number, factor: number): Taps[] {
  const part = Math.ceil(size / factor);
  const start = Math.floor((size - part) / 2);
  const magnified = roundHalfToEven(part * factor);
  const step = (part - 1) / (magnified - 1);
  return Array.from({ length: size }, (_, i) => {
    const place = Math.min(part - 1, i * step);
    const low = Math.floor(place);
    return { low: start + low, high: start + Math.min(part - 1, low + 1), share: place - low };
  });
}

function roundHalfToEven(value: number): number {
  const whole = Math.floor(value);
  return value - whole === 0.5 ? whole + (whole % 2) : Math.round(value);
}
