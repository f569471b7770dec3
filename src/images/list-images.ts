import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, InputError } from '../errors.js';
import { fileErrorReason } from '../files.js';

const EXTENSIONS = /\.(jpe?g|png|webp|gif|tiff?|avif)$/i;

/** Whether a file's name is that of a picture which can be read. */
export const isPictureName = (name: string): boolean => EXTENSIONS.test(name);

/**
 * The pictures of a folder and its sub-folders, sorted by their paths; a file stands for itself. Throws
 * InputError when there are none or the folder cannot be read.
 */
export async function listImages(path: string): Promise<string[]> {
  const files = await listFiles(path, isPictureName);
  if (files.length > 0) return files;
  throw new InputError(`${path} holds no pictures; JPEG, PNG, WebP, GIF, TIFF and AVIF are read`);
}

/** The files of a folder and its sub-folders whose names fit, sorted by their paths; a file stands for itself. */
export async function listFiles(path: string, fits: (name: string) => boolean): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path, { recursive: true })).filter(fits);
    const files: string[] = [];
    for (const name of names.sort()) {
      const file = join(path, name);
      // A folder may be called x.jpg as well; a broken link stays, so that reading it tells.
      const info = await stat(file).catch(() => undefined);
      if (!info?.isDirectory()) files.push(file);
    }
    return files;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new InputError(`${path} does not exist; give a picture or a folder`, { cause: error });
    }
    const reason = fileErrorReason(error);
    throw new InputError(`${path} cannot be read: ${reason}; give a picture or a folder`, {
      cause: error,
    });
  }
}
