import { InputError } from '../errors.js';
import { rememberedSha256 } from './remembered-hash.js';

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
  if ((await rememberedSha256(...list)) === expected) return;
  throw new InputError(
    `${list.join(', ')} is damaged or another file: its sha256 is not the recorded one; ${remedy}`,
  );
}
