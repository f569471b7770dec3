/** From a picture's bytes to a classifier's input; what a thread that decodes does. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Preprocessing } from '../backbones/backbone.js';
import { preprocessPhotograph } from '../backbones/preprocess.js';
import { InputError } from '../errors.js';
import { fileErrorReason } from '../files.js';
import { centreSquare } from '../images/resize.js';
import { decodeImage } from '../images/read-image.js';
import { toBatch } from '../inversion/planar.js';
import type { ByteRange, PictureEntry } from './list-pictures.js';

/** How pictures become inputs: as the classifier was evaluated, or as the middle square of `size` pixels in [-1, 1]. */
export type Preparation =
  | { readonly kind: 'own'; readonly preprocessing: Preprocessing }
  | { readonly kind: 'square'; readonly size: number };

/** What an archive says of a picture. */
export interface PictureLabel {
  readonly cls?: number;
  readonly json?: unknown;
}

export interface PreparedPicture {
  /** Of the picture's bytes, in hexadecimal. */
  readonly sha256: string;
  /** [3, height, width] */
  readonly pixels: Float32Array;
  readonly label: PictureLabel | undefined;
}

/** More than a photograph of `MAX_PIXELS` takes in any format; a header of an archive can promise far more. */
const MAX_PICTURE_BYTES = 2 ** 29;
const MAX_LABEL_BYTES = 2 ** 20;

const classSchema = z.int().min(0);

/** SHA-256 of a picture's bytes. Throws InputError where it cannot be read. */
export async function hashPicture(entry: PictureEntry): Promise<string> {
  return sha256(await readBytes(entry, entry.name, entry.range));
}

/** Throws InputError where the file is no picture or its label is none. */
export async function preparePicture(
  entry: PictureEntry,
  preparation: Preparation,
): Promise<PreparedPicture> {
  const bytes = await readBytes(entry, entry.name, entry.range);
  const image = await decodeImage(bytes, entry.name);
  const pixels =
    preparation.kind === 'own'
      ? preprocessPhotograph(image, preparation.preprocessing)
      : toBatch([centreSquare(image, preparation.size)]);
  return { sha256: sha256(bytes), pixels, label: await readLabel(entry) };
}

async function readLabel(entry: PictureEntry): Promise<PictureLabel | undefined> {
  const { name, beside } = entry;
  if (beside === undefined) return undefined;
  const [cls, json] = [
    beside.cls && (await readJson(entry, `${name}, its .cls`, beside.cls)),
    beside.json && (await readJson(entry, `${name}, its .json`, beside.json)),
  ];
  if (cls !== undefined && !classSchema.safeParse(cls).success) {
    throw new InputError(`${name}, its .cls must hold a class's number`);
  }
  return { ...(cls !== undefined && { cls: cls as number }), ...(json !== undefined && { json }) };
}

async function readJson(entry: PictureEntry, name: string, range: ByteRange): Promise<unknown> {
  if (range.size > MAX_LABEL_BYTES) throw new InputError(`${name} has ${range.size} bytes`);
  const text = (await readBytes(entry, name, range)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${name} must be valid JSON`, { cause: error });
  }
}

async function readBytes(
  { file }: PictureEntry,
  name: string,
  range: ByteRange | undefined,
): Promise<Buffer> {
  try {
    if (range === undefined) return await readFile(file);
    if (range.size > MAX_PICTURE_BYTES) throw new InputError(`${name} has ${range.size} bytes`);
    const handle = await open(file);
    try {
      const bytes = Buffer.alloc(range.size);
      const { bytesRead } = await handle.read(bytes, 0, range.size, range.offset);
      if (bytesRead === range.size) return bytes;
      throw new InputError(`${name} is cut short: ${file} has changed since it was listed`);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${name} cannot be read: ${fileErrorReason(error)}`, { cause: error });
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
