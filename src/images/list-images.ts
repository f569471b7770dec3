import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.js';

const EXTENSIONS = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp)$/i;

/** The pictures of a folder and its sub-folders in sorted order; a file stands for itself. */
export async function listImages(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw new InputError(`${path} does not exist; give a picture or a folder`);
  if (!info.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true });
  const files = entries.filter((name) => EXTENSIONS.test(name)).sort();
  if (files.length === 0) {
    throw new InputError(`${path} holds no pictures; JPEG, PNG, WebP, GIF, TIFF and AVIF are read`);
  }
  return files.map((name) => join(path, name));
}
