import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { errorCode, InputError } from '../errors.js';
import { fileErrorReason } from '../files.js';
import type { RgbImage } from './rgb-image.js';

/** More pixels than any camera makes; a header can promise far more than memory holds. */
export const MAX_PIXELS = 100_000_000;
/** Below this nothing is recognisable and a crop has no area. */
export const MIN_SIDE = 16;

/**
 * Decodes a picture to 8-bit sRGB: EXIF rotation applied, transparency over white, the first frame of
 * an animation, CMYK and 16-bit converted. Throws InputError for anything else.
 */
export async function readImage(path: string): Promise<RgbImage> {
  return decodeImage(await readBytes(path), path);
}

/** `readImage` for bytes in memory; `name` stands in messages. */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<RgbImage> {
  if (bytes.length === 0) throw new InputError(`${name} is empty; give a picture`);
  const { width, height } = await readHeader(bytes, name);
  if (width * height > MAX_PIXELS) {
    throw new InputError(
      `${name} has ${width}x${height} pixels; pictures of at most ${MAX_PIXELS / 1e6} megapixels are read`,
    );
  }
  if (Math.min(width, height) < MIN_SIDE) {
    throw new InputError(
      `${name} has ${width}x${height} pixels; at least ${MIN_SIDE} on each side are needed`,
    );
  }
  try {
    // 'truncated' alone lets a TIFF with damaged data through as a black picture.
    const { data, info } = await sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS })
      .rotate()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: toRgb(data, info.channels) };
  } catch (error) {
    throw unreadable(name, error);
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    if ((await stat(path)).isDirectory()) {
      throw new InputError(`${path} is a folder; give a picture`);
    }
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new InputError(`${path} does not exist; give a picture`, { cause: error });
    }
    if (error instanceof InputError) throw error;
    throw new InputError(`${path} cannot be read: ${fileErrorReason(error)}; give a picture`, {
      cause: error,
    });
  }
}

async function readHeader(
  bytes: Uint8Array,
  name: string,
): Promise<{ width: number; height: number }> {
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { width, height };
  } catch (error) {
    throw unreadable(name, error);
  }
}

function toRgb(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return new Uint8Array(data);
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = data[Math.floor(i / 3) * channels]!;
  return rgb;
}

function unreadable(name: string, error: unknown): InputError {
  // The decoder's first line says it all; further lines repeat it.
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
  const reason = line!.replace(/:\s*$/, '').replace(/^Input buffer (has|contains) /, '');
  return new InputError(
    `${name} cannot be read as a picture (${reason}); JPEG, PNG, WebP, GIF, TIFF and AVIF are read`,
    { cause: error },
  );
}
