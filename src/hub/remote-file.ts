import { WorkError } from '../errors.js';
import type { Digest } from './digest.js';

/** A file to fetch, and how to know that it has come unharmed. */
export interface RemoteFile {
  readonly url: string;
  /** Where it goes below the target folder, with forward slashes. */
  readonly path: string;
  /** Undefined where only the answer to the download tells. */
  readonly bytes: number | undefined;
  readonly digest: Digest;
  /** Sent to the host of `url` alone, not to those that it redirects to. */
  readonly token: string | undefined;
  /** What a person calls it, and where they read about it. */
  readonly title: string;
  readonly page: string;
}

/** `path` if it stays inside the target folder; a server must not choose where files go. */
export function safePath(path: string, origin: string): string {
  const parts = path.split('/');
  const inside = parts.every((part) => part !== '' && part !== '.' && part !== '..');
  if (inside && !/[\\:\u0000-\u001f]/.test(path)) return path;
  throw new WorkError(
    `${origin} lists a file ${JSON.stringify(path)}, which would not stay in the folder`,
  );
}
