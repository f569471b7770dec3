import { readFile } from 'node:fs/promises';
import { InputError } from '../../errors.js';
import { decodeImage } from '../../images/read-image.js';
import type { RgbImage } from '../../images/rgb-image.js';

/** Decodes a picture of the studio; messages name no folder, for who reads them may be elsewhere. */
export async function openPicture(file: string): Promise<RgbImage> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new InputError('the picture is not here any more: add it again', { cause: error });
  });
  return decodeImage(bytes, 'the picture');
}
