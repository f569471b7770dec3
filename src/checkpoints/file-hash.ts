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
