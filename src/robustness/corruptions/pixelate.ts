import type { RgbImage } from '../../images/rgb-image.js';
import { atSeverity, type BySeverity, type Corruption } from './corruption.js';

/** Sides of the small picture as a share of the original's. */
const SHARES: BySeverity<number> = [0.6, 0.5, 0.4, 0.3, 0.25];
/** Weights are multiples of 2^-22, as in Pillow, so that sums of 8-bit values are exact. */
const WEIGHT_ONE = 2 ** 22;

/** Shrinks the picture by averaging and enlarges it without smoothing. */
export const pixelate: Corruption = (image, severity) => {
  const share = atSeverity(SHARES, severity);
  const { width, height } = image;
  const small = shrink(image, Math.trunc(width * share), Math.trunc(height * share));
  const rows = nearestPixels(small.height, height);
  const columns = nearestPixels(small.width, width);
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (rows[y]! * small.width + columns[x]!) * 3;
      data.set(small.data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data };
};

/** For each of `to` places the one of `from` pixels that its centre lies in. */
function nearestPixels(from: number, to: number): number[] {
  const step = from / to;
  let place = step / 2;
  // Summed as in Pillow: where a centre lies between two pixels, rounding decides.
  return Array.from({ length: to }, () => {
    const pixel = Math.floor(place);
    place += step;
    return Math.min(from - 1, pixel);
  });
}

/** The mean of the pixels whose centres lie in a place's box; across first, rounded in between. */
function shrink(image: RgbImage, width: number, height: number): RgbImage {
  const rows = { ...image, width, data: new Uint8Array(width * image.height * 3) };
  boxes(image.width, width).forEach(({ start, end }, x) => {
    for (let y = 0; y < image.height; y++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let i = start; i < end; i++) sum += image.data[(y * image.width + i) * 3 + c]!;
        rows.data[(y * width + x) * 3 + c] = mean(sum, end - start);
      }
    }
  });
  const data = new Uint8Array(width * height * 3);
  boxes(image.height, height).forEach(({ start, end }, y) => {
    for (let x = 0; x < width * 3; x++) {
      let sum = 0;
      for (let i = start; i < end; i++) sum += rows.data[i * width * 3 + x]!;
      data[y * width * 3 + x] = mean(sum, end - start);
    }
  });
  return { width, height, data };
}

const mean = (sum: number, count: number): number =>
  Math.floor((sum * Math.floor(WEIGHT_ONE / count + 0.5)) / WEIGHT_ONE + 0.5);

/** For each of `to` places the pixels of `from` whose centres lie in its box. */
function boxes(from: number, to: number): { start: number; end: number }[] {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const inside = (pixel: number): boolean => {
      const offset = (pixel - centre + 0.5) / scale;
      return offset > -0.5 && offset <= 0.5;
    };
    let start = Math.max(0, Math.trunc(centre - scale / 2 + 0.5));
    let end = Math.min(from, Math.trunc(centre + scale / 2 + 0.5));
    if (!inside(start)) start += 1;
    if (!inside(end - 1)) end -= 1;
    return { start, end };
  });
}
