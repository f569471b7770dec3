import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { sha256OfFile } from '../../checkpoints/file-hash.js';
import { InputError } from '../../errors.js';
import { featinvHome } from '../../featinv-home.js';

/** As pytorch-fid publishes it; the end of the name is the beginning of its SHA-256. */
export const INCEPTION_FILE = 'pt_inception-2015-12-05-6726825d.pth';
const SHA256_START = '6726825d';

/** Names under which the weights are looked for in a folder, the first one first. */
const CANDIDATES = [INCEPTION_FILE, INCEPTION_FILE.replace('.pth', '.safetensors')];

/** Names a file outside the usual places. */
const VARIABLE = 'FEATINV_INCEPTION';

/** Where `findInceptionWeights` looks when nothing is given: featinv's folder and PyTorch's cache. */
export function inceptionPlaces(): string[] {
  const cache = process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache');
  const torch = process.env['TORCH_HOME'] || path.join(cache, 'torch');
  const folders = [path.join(featinvHome(), 'inception'), path.join(torch, 'hub', 'checkpoints')];
  return folders.flatMap((folder) => CANDIDATES.map((name) => path.join(folder, name)));
}

/**
 * The weights of FID's Inception: the given file, else that of FEATINV_INCEPTION, else the first in
 * `inceptionPlaces()`. Undefined where there are none: FID is then null. Throws InputError when a file that
 * was named does not exist.
 */
export function findInceptionWeights(explicit?: string): string | undefined {
  const named = process.env[VARIABLE];
  if (explicit !== undefined) return existing(explicit, `the Inception weights ${explicit}`);
  if (named) return existing(named, `the Inception weights ${named} that ${VARIABLE} names`);
  return inceptionPlaces().find((place) => existsSync(place));
}

function existing(file: string, what: string): string {
  if (existsSync(file)) return file;
  throw new InputError(`${what} do not exist: give ${INCEPTION_FILE} or a safetensors copy of it`);
}

/** Throws InputError when a file that has pytorch-fid's name is not pytorch-fid's file. */
export async function checkInceptionFile(file: string): Promise<void> {
  if (path.basename(file) !== INCEPTION_FILE) return;
  const sha256 = await sha256OfFile(file);
  if (sha256.startsWith(SHA256_START)) return;
  throw new InputError(
    `${file} is damaged or another file: its sha256 begins with ${sha256.slice(0, 8)}, not with ${SHA256_START} as its name says; fetch it again`,
  );
}
