/** Hashes of large files, remembered as long as the files stay as they are. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { featinvHome } from '../featinv-home.js';
import { writeAtomic } from '../files.js';
import { sha256OfFile } from './file-hash.js';

/** Less is hashed in no time. */
const REMEMBERED_FROM_BYTES = 64e6;

/** A file that was written just now may be written again without its times telling. */
const SETTLED_MS = 2000;

/**
 * `sha256OfFile`, from `$FEATINV_HOME/hashes` where the files were hashed before and none has changed since: its
 * path, device, inode, size, and times of modification and change to the nanosecond are the same.
 */
export async function rememberedSha256(...paths: readonly string[]): Promise<string> {
  const before = await identityOf(paths);
  if (before === undefined) return sha256OfFile(...paths);
  const known = await readFile(before.record, 'utf8').catch(() => '');
  if (/^[0-9a-f]{64}$/.test(known)) return known;
  const hash = await sha256OfFile(...paths);
  const after = await identityOf(paths);
  if (after?.record === before.record && Date.now() - after.changedMs > SETTLED_MS) {
    // A folder that cannot be written to costs the time of hashing again, nothing else.
    await mkdir(dirname(after.record), { recursive: true })
      .then(() => writeAtomic(after.record, hash))
      .catch(() => undefined);
  }
  return hash;
}

/** Where the hash of files in their present state is kept; undefined for small or unreadable ones. */
async function identityOf(
  paths: readonly string[],
): Promise<{ record: string; changedMs: number } | undefined> {
  const name = createHash('sha256');
  let bytes = 0;
  let changedMs = 0;
  for (const path of paths) {
    const status = await stat(path, { bigint: true }).catch(() => undefined);
    if (status === undefined) return undefined;
    const { dev, ino, size, mtimeNs, ctimeNs } = status;
    name.update([resolve(path), dev, ino, size, mtimeNs, ctimeNs, ''].join('\0'));
    bytes += Number(size);
    changedMs = Math.max(changedMs, Number(ctimeNs / 1_000_000n), Number(mtimeNs / 1_000_000n));
  }
  if (bytes < REMEMBERED_FROM_BYTES) return undefined;
  return { record: join(featinvHome(), 'hashes', name.digest('hex')), changedMs };
}
