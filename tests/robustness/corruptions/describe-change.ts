import type { RgbImage } from '../../../src/images/rgb-image.js';

/**
 * Mean and standard deviation of a change in levels of 255; correlation with the neighbour across and down
 * and of red with green; share of the variance that means over 4×4 pixels keep (coarse structure).
 */
export const MEASURES = ['mean', 'deviation', 'across', 'down', 'channels', 'coarse'] as const;
export type Measure = (typeof MEASURES)[number];

/** The measures of reference/corruptions/make_fixtures.py. */
export function describeChange(before: RgbImage, after: RgbImage): Record<Measure, number> {
  const { width, height } = before;
  const change = Float64Array.from(after.data, (value, i) => value - before.data[i]!);
  const mean = average(change);
  const centred = change.map((value) => value - mean);
  const variance = average(centred.map((value) => value * value));
  const at = (y: number, x: number, c: number): number => centred[(y * width + x) * 3 + c]!;
  const over = (
    rows: number,
    columns: number,
    channels: number,
    value: (y: number, x: number, c: number) => number,
  ): number => {
    const values = new Float64Array(rows * columns * channels);
    for (let i = 0; i < values.length; i++) {
      const pixel = Math.floor(i / channels);
      values[i] = value(Math.floor(pixel / columns), pixel % columns, i % channels);
    }
    return average(values) / variance;
  };
  const blockMean = (y: number, x: number, c: number): number => {
    let sum = 0;
    for (let i = 0; i < 16; i++) sum += at(4 * y + Math.floor(i / 4), 4 * x + (i % 4), c);
    return sum / 16;
  };
  return {
    mean,
    deviation: Math.sqrt(variance),
    across: over(height, width - 1, 3, (y, x, c) => at(y, x, c) * at(y, x + 1, c)),
    down: over(height - 1, width, 3, (y, x, c) => at(y, x, c) * at(y + 1, x, c)),
    channels: over(height, width, 1, (y, x) => at(y, x, 0) * at(y, x, 1)),
    coarse: over(
      Math.floor(height / 4),
      Math.floor(width / 4),
      3,
      (y, x, c) => blockMean(y, x, c) ** 2,
    ),
  };
}

const average = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
