import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InputError } from '../errors.js';
import { fileErrorReason } from '../files.js';

/** SHA-256 of a file's bytes, in lower-case hexadecimal. Throws InputError when it cannot be read. */
export async function sha256OfFile(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${fileErrorReason(error)}`, { cause: error });
  }
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Throws InputError when a file has another SHA-256 than was recorded: a flipped bit in a weight changes
 * results without any other sign. `remedy` says what would be right.
 */
export async function checkSha256(path: string, expected: string, remedy: string): Promise<void> {
  if ((await sha256OfFile(path)) === expected) return;
  throw new InputError(
    `${path} is damaged or another file: its sha256 is not the recorded one; ${remedy}`,
  );
}
