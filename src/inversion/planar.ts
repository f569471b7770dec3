/** Pictures as network inputs and back: planes [N, 3, H, W] in [-1, 1], x / 127.5 - 1. */
import type { RgbImage } from '../images/rgb-image.js';

/** Pictures of one size as a batch. */
export function toBatch(images: readonly RgbImage[]): Float32Array {
  const [first] = images as readonly [RgbImage, ...RgbImage[]];
  const stride = 3 * first.width * first.height;
  const planar = new Float32Array(images.length * stride);
  images.forEach((image, i) => writePlanar(image.data, planar, i * stride));
  return planar;
}

/** Picture `index` of a batch of size × size pixels; values beyond [-1, 1] are clipped. */
export function fromBatch(planar: Float32Array, index: number, size: number): RgbImage {
  const area = size * size;
  const data = new Uint8Array(3 * area);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < area; i++) {
      const value = planar[(index * 3 + c) * area + i]! * 127.5 + 127.5;
      data[i * 3 + c] = Math.min(255, Math.max(0, Math.round(value)));
    }
  }
  return { width: size, height: size, data };
}

/** All pictures of a batch. */
export function batchToImages(planar: Float32Array, size: number): RgbImage[] {
  const count = planar.length / (3 * size * size);
  return Array.from({ length: count }, (_, i) => fromBatch(planar, i, size));
}

/** Writes interleaved pixels as planes into `out` from `offset` on. */
export function writePlanar(pixels: Uint8Array, out: Float32Array, offset: number): void {
  const area = pixels.length / 3;
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) out[offset + c * area + i] = pixels[i * 3 + c]! / 127.5 - 1;
  }
}
