import type { RgbImage } from '../../src/images/rgb-image.js';

const SIZE = 224;

/** The picture of reference/backbones/shared.py, pixel for pixel. */
export function testPicture(): RgbImage {
  const data = new Uint8Array(SIZE * SIZE * 3);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      for (let c = 0; c < 3; c++) {
        const wave = Math.abs(((x * (c + 2) + y * (4 - c)) % 256) - 128);
        const disc = (x - 90 - 20 * c) ** 2 + (y - 110) ** 2 < 3600 ? 70 : 0;
        const grain = (x * 7919 + y * 104729 + c * 1299709) % 31;
        data[(y * SIZE + x) * 3 + c] = Math.min(wave + disc + grain, 255);
      }
    }
  }
  return { width: SIZE, height: SIZE, data };
}
