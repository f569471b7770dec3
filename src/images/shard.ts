import { InputError } from '../errors.js';
import type { Random } from '../random.js';

/** Of a set of pictures every `count`-th, beginning with number `index`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

const WHOLE: Shard = { index: 0, count: 1 };

/** Draws the number of one of `total` pictures. Throws InputError where the shard has none. */
export function drawNumber(
  random: Pick<Random, 'int'>,
  total: number,
  { index, count }: Shard = WHOLE,
): number {
  const size = Math.ceil((total - index) / count);
  if (size < 1) {
    throw new InputError(
      `${total} photographs cannot be shared among ${count} workers: each needs one at least`,
    );
  }
  return index + count * random.int(size);
}
