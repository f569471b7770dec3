import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { InputError } from '../errors.js';
import { fileErrorReason } from '../files.js';

/** A file that is open for reading at positions. */
export interface OpenFile {
  readonly path: string;
  readonly byteLength: number;
  /** In a buffer of its own, so that it is aligned and holds nothing else. InputError if cut short. */
  read(position: number, length: number): Buffer<ArrayBuffer>;
}

/** Reads at most this much at once: larger single reads fail on some systems. */
const READ_CHUNK_BYTES = 2 ** 30;

/** Opens `path` for as long as `use` runs. Throws InputError when it is no file that can be read. */
export function withFile<T>(path: string, use: (file: OpenFile) => T): T {
  let descriptor: number | undefined;
  try {
    const opened = (descriptor = openSync(path, 'r'));
    const status = fstatSync(opened);
    if (!status.isFile()) throw new InputError(`${path} is not a file; give a checkpoint file`);
    const read = (position: number, length: number): Buffer<ArrayBuffer> =>
      readFully(path, opened, position, length);
    return use({ path, byteLength: status.size, read });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot read ${path}: ${fileErrorReason(error)}`, { cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function readFully(
  path: string,
  descriptor: number,
  position: number,
  length: number,
): Buffer<ArrayBuffer> {
  const out = Buffer.from(new ArrayBuffer(length));
  let done = 0;
  while (done < length) {
    const want = Math.min(READ_CHUNK_BYTES, length - done);
    const got = readSync(descriptor, out, done, want, position + done);
    if (got === 0) {
      throw new InputError(
        `${path} ends at byte ${position + done}, amid its data: it is truncated; fetch or convert it again`,
      );
    }
    done += got;
  }
  return out;
}
