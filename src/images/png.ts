import sharp from 'sharp';
import { writeAtomic } from '../files.js';
import type { RgbImage } from './rgb-image.js';

/** PNG bytes; equal pictures give equal bytes. */
export async function encodePng(image: RgbImage): Promise<Uint8Array> {
  const { width, height, data } = image;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9, adaptiveFiltering: false, palette: false })
    .toBuffer();
}

/** Writes a PNG atomically. */
export async function writePng(path: string, image: RgbImage): Promise<void> {
  await writeAtomic(path, await encodePng(image));
}
