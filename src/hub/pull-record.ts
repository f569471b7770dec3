/** What was fetched into a folder, so that nobody has to ask the network whether it is complete. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../files.js';
import type { Digest } from './digest.js';

const recordSchema = z.strictObject({
  name: z.string(),
  page: z.string(),
  licence: z.string(),
  files: z.array(
    z.strictObject({
      path: z.string(),
      bytes: z.number(),
      /** `sha256:…`, `git-sha1:…` or `md5:…`. */
      digest: z.string(),
    }),
  ),
});

export type PullRecord = z.infer<typeof recordSchema>;

/** A folder may hold what several downloads brought. */
function recordPath(folder: string, name: string): string {
  const id = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return join(folder, `.pulled-${id}.json`);
}

export async function writeRecord(folder: string, record: PullRecord): Promise<void> {
  await writeAtomic(recordPath(folder, record.name), `${JSON.stringify(record, null, 2)}\n`);
}

/** Undefined where there is none, or none that makes sense: then the files themselves are checked. */
export async function readRecord(folder: string, name: string): Promise<PullRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(recordPath(folder, name), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whether all files have their sizes still, and a single one the hash that is asked for. */
export async function isComplete(
  { files }: PullRecord,
  folder: string,
  sha256: Digest | undefined,
): Promise<boolean> {
  if (sha256 && files[0]?.digest !== `sha256:${sha256.hex}`) return false;
  const sizes = await Promise.all(
    files.map(({ path }) => stat(join(folder, path)).catch(() => undefined)),
  );
  return files.every(({ bytes }, i) => sizes[i]?.size === bytes);
}
