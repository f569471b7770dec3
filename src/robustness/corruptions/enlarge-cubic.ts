import type { RgbImage } from '../../images/rgb-image.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of the image enlarged to `size`, by cubic convolution with a = -0.75 and repeated edges. */
export function enlargeCubic(
  image: RgbImage,
  size: Size,
  part: Size & { readonly top: number; readonly left: number },
): RgbImage {
  const rows = cubicTaps(image.height, size.height, part.top, part.height);
  const columns = cubicTaps(image.width, size.width, part.left, part.width);
  const data = new Uint8Array(part.width * part.height * 3);
  for (let y = 0; y < part.height; y++) {
    for (let x = 0; x < part.width; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (const { index: row, weight } of rows[y]!) {
          let across = 0;
          for (const tap of columns[x]!) {
            across += tap.weight * image.data[(row * image.width + tap.index) * 3 + c]!;
          }
          sum += weight * across;
        }
        data[(y * part.width + x) * 3 + c] = Math.round(Math.min(255, Math.max(0, sum)));
      }
    }
  }
  return { width: part.width, height: part.height, data };
}

interface Tap {
  readonly index: number;
  readonly weight: number;
}

/** For `count` places from `first` of a line enlarged from `from` to `to`, the four pixels they see. */
function cubicTaps(from: number, to: number, first: number, count: number): Tap[][] {
  return Array.from({ length: count }, (_, i) => {
    const place = ((first + i + 0.5) * from) / to - 0.5;
    const low = Math.floor(place);
    return [-1, 0, 1, 2].map((offset) => ({
      index: Math.min(from - 1, Math.max(0, low + offset)),
      weight: cubic(place - low - offset),
    }));
  });
}

/** Keys' kernel with a = -0.75. */
function cubic(x: number): number {
  const a = Math.abs(x);
  if (a <= 1) return (1.25 * a - 2.25) * a * a + 1;
  return a < 2 ? ((-0.75 * a + 3.75) * a - 6) * a + 3 : 0;
}
