/** Which photographs of a folder are measured. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../errors.js';
import { listImages } from '../images/list-images.js';

export interface Photographs {
  /** The folder (or the one picture) that was asked for. */
  readonly root: string;
  /** Paths, sorted. */
  readonly files: readonly string[];
}

export interface PhotographChoice {
  /** The first so many of each class: of each folder directly below, as ImageNet is laid out. */
  readonly perClass?: number | undefined;
  /** The first so many of all that. */
  readonly limit?: number | undefined;
}

/** The pictures of a folder in sorted order. Throws InputError where there are none. */
export async function choosePhotographs(
  root: string,
  { perClass, limit }: PhotographChoice = {},
): Promise<Photographs> {
  const all = await listImages(root);
  const chosen = perClass === undefined ? all : firstOfEach(root, all, perClass);
  return { root, files: chosen.slice(0, limit) };
}

/** A photograph's name in its set, the same wherever the set lies: `n01440764/tench.jpg`. */
export function nameIn(root: string, file: string): string {
  const relative = path.relative(root, file);
  return relative === '' ? path.basename(file) : relative.split(path.sep).join('/');
}

/** A digest of the photographs' names and sizes in bytes. */
export async function fingerprint({ root, files }: Photographs): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const size = await stat(file).then(
      (info) => info.size,
      () => 0, // unreadable: said when it is read
    );
    hash.update(`${nameIn(root, file)}\0${size}\n`);
  }
  return hash.digest('hex');
}

function firstOfEach(root: string, files: readonly string[], perClass: number): string[] {
  const counts = new Map<string, number>();
  const chosen = files.filter((file) => {
    const [folder, ...inside] = nameIn(root, file).split('/');
    if (inside.length === 0) return false;
    const count = (counts.get(folder!) ?? 0) + 1;
    counts.set(folder!, count);
    return count <= perClass;
  });
  if (chosen.length > 0) return chosen;
  throw new InputError(
    `--per-class needs one folder for each class below ${root}, as ImageNet has; its pictures lie in ${root} itself`,
  );
}
