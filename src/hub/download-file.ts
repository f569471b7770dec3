import { rename, rm, stat, statfs, type FileHandle, open, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError, WorkError } from '../errors.js';
import { fileErrorReason } from '../files.js';
import { hashFile, startHash } from './digest.js';
import { connectionError, refusal, retryingFetch, waitAfter, type RetryPolicy } from './network.js';
import type { RemoteFile } from './remote-file.js';

/** Whether `folder` holds the file already, to the last bit. */
export async function isDownloaded(file: RemoteFile, folder: string): Promise<boolean> {
  const path = join(folder, file.path);
  const bytes = await sizeOfFile(path);
  if (bytes === undefined || (file.bytes !== undefined && file.bytes !== bytes)) return false;
  const hash = startHash(file.digest, bytes);
  await hashFile(path, hash);
  return hash.digest('hex') === file.digest.hex;
}

/**
 * Fetches a file into `folder` and gives its size. The bytes go to a hidden file beside it, which takes the
 * name when its hash is right; what an interrupted download left there is gone on from. `onBytes` hears how
 * much of the file is here. Throws WorkError where the transfer fails for good or the disk is full.
 */
export async function downloadFile(
  file: RemoteFile,
  folder: string,
  retry: RetryPolicy,
  onBytes: (here: number) => void,
): Promise<number> {
  const path = join(folder, file.path);
  const partial = partialPath(file, folder);
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(partial, 'a');
    let bytes: number;
    try {
      bytes = await receive(file, partial, handle, retry, onBytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await checkHash(file, partial, bytes);
    await rename(partial, path);
    return bytes;
  } catch (error) {
    if (error instanceof InputError || error instanceof WorkError) throw error;
    throw new WorkError(`cannot write ${path}: ${fileErrorReason(error)}`, { cause: error });
  }
}

/** Named by the hash too: the rest of another version must not be put behind it. */
function partialPath({ path, digest }: RemoteFile, folder: string): string {
  const name = `.${basename(path)}.${digest.hex.slice(0, 16)}.part`;
  return join(folder, dirname(path), name);
}

/** Appends what is missing to the partial file, as often as the connection breaks; gives the file's size. */
async function receive(
  file: RemoteFile,
  partial: string,
  handle: FileHandle,
  retry: RetryPolicy,
  onBytes: (here: number) => void,
): Promise<number> {
  let here = (await handle.stat()).size;
  let failures = 0;
  onBytes(here);
  while (here !== file.bytes) {
    const before = here;
    if (file.bytes !== undefined) await checkSpace(partial, file, file.bytes - here);
    const answer = await request(file, here, retry);
    if (answer.start !== here) await handle.truncate(answer.start);
    here = answer.start;
    try {
      for await (const chunk of answer.body) {
        await handle.appendFile(chunk);
        here += chunk.length;
        onBytes(here);
      }
      if (here >= (answer.total ?? here)) return here;
      throw new TypeError('the connection was closed early');
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      failures = here > before ? 1 : failures + 1;
      if (failures === retry.attempts) throw connectionError(file.url, error);
      await waitAfter(failures, retry);
    }
  }
  return here;
}

interface Answer {
  /** Which byte of the file comes first. */
  readonly start: number;
  readonly total: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

async function request(file: RemoteFile, from: number, retry: RetryPolicy): Promise<Answer> {
  const headers = {
    // Compressed on the way, sizes and ranges would be of something else.
    'accept-encoding': 'identity',
    ...(from > 0 && { range: `bytes=${from}-` }),
    ...(file.token !== undefined && { authorization: `Bearer ${file.token}` }),
  };
  const send = retryingFetch(retry, from > 0);
  const response = await send(file.url, { headers }).catch((error: unknown) => {
    throw connectionError(file.url, error);
  });
  // The partial file is longer than the whole one: begin again.
  if (response.status === 416 && from > 0) return request(file, 0, retry);
  if (!response.ok || response.body === null) {
    throw refusal(response.status, file.title, file.page, file.token);
  }
  const body = response.body as unknown as AsyncIterable<Uint8Array>;
  if (response.status === 206) {
    const [, start, total] =
      /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
    if (Number(start) === from) return { start: from, total: Number(total), body };
    throw new WorkError(`${new URL(file.url).host} sends another part of ${file.title} than asked`);
  }
  const length = response.headers.get('content-length');
  return { start: 0, total: length === null ? file.bytes : Number(length), body };
}

async function checkHash(file: RemoteFile, partial: string, bytes: number): Promise<void> {
  const hash = startHash(file.digest, bytes);
  await hashFile(partial, hash);
  const found = hash.digest('hex');
  if (found === file.digest.hex) return;
  await rm(partial, { force: true });
  throw new WorkError(
    `${file.title} did not arrive as it should: its ${file.digest.algorithm} is ${found} instead of ${file.digest.hex}; nothing was kept, try again`,
  );
}

async function checkSpace(partial: string, file: RemoteFile, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(partial));
  const free = bavail * bsize;
  if (needed <= free) return;
  throw new WorkError(
    `${file.title} needs ${gigabytes(needed)} more, but ${dirname(partial)} has ${gigabytes(free)} left: free some space, or set FEATINV_HOME to a folder on another disk`,
  );
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

async function sizeOfFile(path: string): Promise<number | undefined> {
  const status = await stat(path).catch(() => undefined);
  return status?.isFile() ? status.size : undefined;
}
