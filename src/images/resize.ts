/** Deterministic resampling with antialiasing, as Pillow does it. */
import type { RgbImage } from './rgb-image.js';

export type Filter = 'bilinear' | 'bicubic';

/** A rectangle in pixels; edges may lie between pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const SUPPORT: Record<Filter, number> = { bilinear: 1, bicubic: 2 };

function kernel(filter: Filter, x: number): number {
  const a = Math.abs(x);
  if (filter === 'bilinear') return Math.max(0, 1 - a);
  // Keys' cubic with a = -0.5.
  if (a < 1) return (1.5 * a - 2.5) * a * a + 1;
  return a < 2 ? ((-0.5 * a + 2.5) * a - 4) * a + 2 : 0;
}

interface Taps {
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float32Array | Float64Array;
  readonly stride: number;
}

/** Weights as float32, or as Pillow rounds them: on that its ties depend. */
type Weights = 'float32' | 'pillow';

/** A whole number of 2⁻²², halves away from zero. */
const toPillowWeight = (weight: number): number =>
  Math.trunc(weight * 2 ** 22 + 0.5 * Math.sign(weight)) / 2 ** 22;

/** Weights with which `to` output pixels gather from [offset, offset + extent) of `size` inputs. */
function resamplingTaps(
  size: number,
  offset: number,
  extent: number,
  to: number,
  filter: Filter,
  kind: Weights,
): Taps {
  const scale = extent / to;
  const widened = Math.max(scale, 1);
  const support = SUPPORT[filter] * widened;
  const stride = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new (kind === 'pillow' ? Float64Array : Float32Array)(to * stride);
  for (let i = 0; i < to; i++) {
    const centre = offset + (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(size, Math.trunc(centre + support + 0.5));
    let total = 0;
    for (let j = low; j < high; j++) {
      const weight = kernel(filter, (j - centre + 0.5) / widened);
      weights[i * stride + j - low] = weight;
      total += weight;
    }
    for (let j = 0; j < high - low; j++) weights[i * stride + j]! /= total;
    start[i] = low;
    count[i] = high - low;
  }
  if (kind === 'float32') return { start, count, weights, stride };
  return { start, count, weights: weights.map(toPillowWeight), stride };
}

/** The box of an image at width × height pixels. */
export function resizeBox(
  image: RgbImage,
  box: Box,
  width: number,
  height: number,
  filter: Filter = 'bilinear',
): RgbImage {
  return resample(image, box, [width, height], filter, 'float32');
}

/** The whole image at width × height pixels, bit for bit as Pillow resizes it. */
export function resizeLikePillow(
  image: RgbImage,
  width: number,
  height: number,
  filter: Filter,
): RgbImage {
  const box = { left: 0, top: 0, width: image.width, height: image.height };
  return resample(image, box, [width, height], filter, 'pillow');
}

function resample(
  image: RgbImage,
  box: Box,
  [width, height]: readonly [number, number],
  filter: Filter,
  kind: Weights,
): RgbImage {
  const across = resamplingTaps(image.width, box.left, box.width, width, filter, kind);
  const down = resamplingTaps(image.height, box.top, box.height, height, filter, kind);
  const firstRow = down.start[0]!;
  const lastRow = down.start[height - 1]! + down.count[height - 1]!;
  // Rows first, rounded to 8 bits in between as Pillow does.
  const rows = new Uint8Array((lastRow - firstRow) * width * 3);
  for (let y = firstRow; y < lastRow; y++) {
    for (let x = 0; x < width; x++) {
      let [r, g, b] = [0, 0, 0];
      const first = (y * image.width + across.start[x]!) * 3;
      for (let k = 0; k < across.count[x]!; k++) {
        const weight = across.weights[x * across.stride + k]!;
        r += weight * image.data[first + k * 3]!;
        g += weight * image.data[first + k * 3 + 1]!;
        b += weight * image.data[first + k * 3 + 2]!;
      }
      const at = ((y - firstRow) * width + x) * 3;
      rows[at] = toByte(r);
      rows[at + 1] = toByte(g);
      rows[at + 2] = toByte(b);
    }
  }
  const data = new Uint8Array(width * height * 3);
  const stride = width * 3;
  for (let y = 0; y < height; y++) {
    const first = (down.start[y]! - firstRow) * stride;
    for (let x = 0; x < stride; x++) {
      let sum = 0;
      for (let k = 0; k < down.count[y]!; k++) {
        sum += down.weights[y * down.stride + k]! * rows[first + k * stride + x]!;
      }
      data[y * stride + x] = toByte(sum);
    }
  }
  return { width, height, data };
}

const toByte = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));

/** The whole image with its short side at `side` pixels. */
export function resizeShortSide(
  image: RgbImage,
  side: number,
  filter: Filter = 'bilinear',
): RgbImage {
  const scale = side / Math.min(image.width, image.height);
  const width = Math.max(side, Math.round(image.width * scale));
  const height = Math.max(side, Math.round(image.height * scale));
  const box = { left: 0, top: 0, width: image.width, height: image.height };
  return resizeBox(image, box, width, height, filter);
}

/** The middle square of the image at `size` pixels. */
export function centreSquare(image: RgbImage, size: number, filter: Filter = 'bilinear'): RgbImage {
  const side = Math.min(image.width, image.height);
  const box = {
    left: (image.width - side) / 2,
    top: (image.height - side) / 2,
    width: side,
    height: side,
  };
  return resizeBox(image, box, size, size, filter);
}
