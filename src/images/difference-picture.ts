/** Signed differences of pictures as a picture. */
import { quantile } from '../metrics/quantile.js';
import type { RgbImage } from './rgb-image.js';

const GREY = 128;
/** So that a difference of nothing but rounding does not become a loud picture. */
const SMALLEST_RANGE = 8;

/** Level that is drawn in full colour: only one value in 200 of all the differences is beyond it. */
export function differenceRange(differences: readonly Float32Array[]): number {
  return Math.max(
    SMALLEST_RANGE,
    ...differences.map((values) => quantile(values.map(Math.abs), 0.995)),
  );
}

/**
 * Mid grey where nothing changes; a channel is brighter where it gains and darker where it loses, so
 * that what appears shows in its own colour and what goes in the opposite one.
 *
 * @param difference RGB interleaved, in 8-bit levels
 * @param range level that is drawn in full colour; beyond it values are clipped
 */
export function differencePicture(
  difference: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  range: number,
): RgbImage {
  const data = Uint8Array.from(difference, (value) =>
    Math.round(GREY + (GREY - 1) * Math.min(1, Math.max(-1, value / range))),
  );
  return { width, height, data };
}
