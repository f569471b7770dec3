import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { InputError } from '../errors.js';
import { fileErrorReason } from '../files.js';

const CHUNK_BYTES = 2 ** 22;

/**
 * SHA-256 of the bytes of a file, or of several one after another, in lower-case hexadecimal. Throws
 * InputError when one cannot be read.
 */
export async function sha256OfFile(...paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
        hash.update(chunk as Buffer);
      }
    } catch (error) {
      throw new InputError(`cannot read ${path}: ${fileErrorReason(error)}`, { cause: error });
    }
  }
  return hash.digest('hex');
}

/**
 * Throws InputError when a file, or several as one, has another SHA-256 than was recorded: a flipped bit in
 * a weight changes results without any other sign. `remedy` says what would be right.
 */
export async function checkSha256(
  paths: string | readonly string[],
  expected: string,
  remedy: string,
): Promise<void> {
  const list = [paths].flat();
  if ((await sha256OfFile(...list)) === expected) return;
  throw new InputError(
    `${list.join(', ')} is damaged or another file: its sha256 is not the recorded one; ${remedy}`,
  );
}
