import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What the bytes of a file must hash to. */
export interface Digest {
  /** `git-sha1`: the id that git gives to a file; `md5`: what figshare publishes. */
  readonly algorithm: 'sha256' | 'git-sha1' | 'md5';
  /** Lower-case hexadecimal. */
  readonly hex: string;
}

const HEX_DIGITS = { sha256: 64, 'git-sha1': 40, md5: 32 } as const;

/** The digest, or undefined where `hex` is none of that algorithm. */
export function digestOf(algorithm: Digest['algorithm'], hex: string): Digest | undefined {
  const lower = hex.toLowerCase();
  return /^[\da-f]+$/.test(lower) && lower.length === HEX_DIGITS[algorithm]
    ? { algorithm, hex: lower }
    : undefined;
}

/** A running hash for a file of so many bytes; git's hash covers the size as well. */
export function startHash({ algorithm }: Digest, bytes: number): Hash {
  if (algorithm === 'git-sha1') return createHash('sha1').update(`blob ${bytes}\0`);
  return createHash(algorithm);
}

/** Feeds what a file holds to a running hash. */
export async function hashFile(path: string, hash: Hash): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
  }
}
