import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import {
  access,
  constants,
  mkdir,
  mkdtemp,
  open,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { errorCode, errorMessage, InputError, WorkError } from './errors.js';

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a part of the path is a file, not a directory',
  EISDIR: 'it is a directory',
  EEXIST: 'a file is in the way',
  ENAMETOOLONG: 'the name is too long',
};

/** A plain reason for a failed file operation, for use after a colon. */
export function fileErrorReason(error: unknown): string {
  const code = errorCode(error);
  return (code && REASONS[code]) ?? errorMessage(error);
}

/** Files on the way to their names; a process that ends takes them along. */
const unfinished = new Set<string>();
process.on('exit', () => unfinished.forEach((file) => rmSync(file, { force: true })));

/**
 * Writes a file so that `file` holds either its old content or all of the new one, even when the
 * process is killed: the bytes go to a file beside it, are flushed, and take the name at the end.
 * Content in pieces is asked for as it is written, and an error of its own passes through. Throws
 * WorkError when writing fails. The directory must exist.
 */
export async function writeAtomic(
  file: string,
  content: Uint8Array | string | Iterable<Uint8Array>,
): Promise<void> {
  const temporary = path.join(
    path.dirname(file),
    `.${path.basename(file)}.${randomUUID().slice(0, 8)}.tmp`,
  );
  unfinished.add(temporary);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (error instanceof InputError || error instanceof WorkError) throw error;
    throw new WorkError(`cannot write ${file}: ${fileErrorReason(error)}`, { cause: error });
  } finally {
    unfinished.delete(temporary);
  }
}

/** What `use` makes of a folder of its own, which is removed afterwards. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'featinv-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Makes sure that `directory` exists (creating it and its parents) and can be written to.
 * Throws InputError naming `flag` (such as `--out`) otherwise.
 */
export async function ensureWritableDirectory(directory: string, flag: string): Promise<void> {
  const fail = (reason: string, cause?: unknown) =>
    new InputError(
      `${flag} must be a directory that can be written to, got ${directory}: ${reason}`,
      {
        cause,
      },
    );
  try {
    await createDirectory(path.resolve(directory));
    if (!(await stat(directory)).isDirectory()) throw fail('it is a file');
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw fail(errorCode(error) === 'EEXIST' ? 'it is a file' : fileErrorReason(error), error);
  }
}

/** Like `mkdir -p`. Node's own recursive mkdir never ends on file systems such as /proc. */
async function createDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found || path.dirname(directory) === directory) return;
  await createDirectory(path.dirname(directory));
  await mkdir(directory).catch((error: unknown) => {
    // Someone else may have made it in the meantime.
    if (errorCode(error) !== 'EEXIST') throw error;
  });
}
