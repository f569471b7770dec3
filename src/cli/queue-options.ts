import { InputError } from '../errors.js';
import { optional } from './command.js';
import { integer, text } from './option-parsers.js';

/** Where the queue and the storage are. */
export const QUEUE_PLACE = {
  queue: optional(
    '--queue <url>',
    'queue to use, such as redis://localhost:6379 (default: FEATINV_QUEUE)',
    text,
  ),
  storage: optional(
    '--storage <place>',
    'folder or s3://bucket/prefix that all machines reach (default: FEATINV_STORAGE)',
    text,
  ),
};

/** For commands that can leave their work to others. */
export const QUEUE_OPTIONS = {
  ...QUEUE_PLACE,
  priority: optional(
    '--priority <n>',
    'smaller numbers are done first, without one first of all',
    integer(1, 2_000_000),
  ),
};

/** `--storage` or the environment's. */
export function storagePlace(given: string | undefined): string {
  const place = given ?? process.env['FEATINV_STORAGE'];
  if (place !== undefined && place !== '') return place;
  throw new InputError(
    '--storage is missing: a folder or s3://bucket/prefix that all machines reach, for what they share',
  );
}
