import { InputError } from '../errors.js';
import type { RgbImage } from './rgb-image.js';

/** Pictures of one size side by side, row by row; empty places stay black. */
export function imageGrid(images: readonly RgbImage[], columns: number): RgbImage {
  const [first] = images;
  if (first === undefined) throw new InputError('a grid needs at least one picture');
  const { width, height } = first;
  const across = Math.min(columns, images.length);
  const down = Math.ceil(images.length / columns);
  const stride = across * width * 3;
  const data = new Uint8Array(stride * down * height);
  images.forEach((image, i) => {
    if (image.width !== width || image.height !== height) {
      const sizes = `${width}x${height} and ${image.width}x${image.height}`;
      throw new InputError(`a grid needs pictures of one size, got ${sizes}`);
    }
    const left = (i % columns) * width * 3;
    const top = Math.floor(i / columns) * height;
    for (let y = 0; y < height; y++) {
      const row = image.data.subarray(y * width * 3, (y + 1) * width * 3);
      data.set(row, (top + y) * stride + left);
    }
  });
  return { width: across * width, height: down * height, data };
}

/** The cells of a grid of square pictures again, row by row. */
export function gridCells(grid: RgbImage, side: number): RgbImage[] {
  const cells: RgbImage[] = [];
  for (let top = 0; top + side <= grid.height; top += side) {
    for (let left = 0; left + side <= grid.width; left += side) {
      const data = new Uint8Array(side * side * 3);
      for (let y = 0; y < side; y++) {
        const start = ((top + y) * grid.width + left) * 3;
        data.set(grid.data.subarray(start, start + side * 3), y * side * 3);
      }
      cells.push({ width: side, height: side, data });
    }
  }
  return cells;
}
