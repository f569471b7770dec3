/** Checkpoint directories: written whole or not at all, verified when read. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { errorCode, errorMessage, InputError, WorkError } from '../errors.js';
import { fileErrorReason, writeAtomic } from '../files.js';

const STATE_FILE = 'train-state.json';
const FORMAT = 1;

const stateFileSchema = z.object({
  format: z.literal(FORMAT),
  step: z.int().min(0),
  /** What the other files must be. */
  files: z.record(z.string(), z.object({ bytes: z.int(), sha256: z.string() })),
  state: z.unknown(),
});

export interface WholeCheckpoint {
  readonly directory: string;
  readonly step: number;
  /** What was given to `writeCheckpointFiles`, as JSON gives it back. */
  readonly state: unknown;
}

/**
 * Writes the checkpoint of `step` under `parent`: `writeFiles` fills a directory of a temporary name,
 * the state file with everybody's sha256 comes last, then the directory takes its name. Of the others
 * only the newest older one stays. A process that is killed meanwhile leaves the older ones whole.
 */
export async function writeCheckpointFiles(
  parent: string,
  step: number,
  state: unknown,
  writeFiles: (directory: string) => Promise<void>,
): Promise<string> {
  const target = path.join(parent, checkpointName(step));
  const temporary = path.join(parent, `.${checkpointName(step)}.tmp`);
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    await writeFiles(temporary);
    const files: Record<string, { bytes: number; sha256: string }> = {};
    for (const name of (await readdir(temporary)).sort()) {
      files[name] = await fingerprint(path.join(temporary, name));
    }
    const content = { format: FORMAT, step, files, state };
    await writeAtomic(path.join(temporary, STATE_FILE), `${JSON.stringify(content, null, 2)}\n`);
    await syncDirectory(temporary);
    // Only a damaged checkpoint, from which nobody could resume, can be in the way.
    await rm(target, { recursive: true, force: true });
    await rename(temporary, target);
    await syncDirectory(parent);
    await prune(parent, step);
  } catch (error) {
    if (error instanceof WorkError || error instanceof InputError) throw error;
    throw new WorkError(`cannot write the checkpoint ${target}: ${fileErrorReason(error)}`, {
      cause: error,
    });
  }
  return target;
}

/**
 * The newest whole checkpoint under `parent`; undefined where there are none at all. Each damaged one
 * on the way is told to `warn`. Throws InputError when all are damaged.
 */
export async function findNewestCheckpoint(
  parent: string,
  warn: (line: string) => void,
): Promise<WholeCheckpoint | undefined> {
  const steps = await listSteps(parent);
  for (const step of steps) {
    const directory = path.join(parent, checkpointName(step));
    const damage = await findDamage(directory, step);
    if (typeof damage !== 'string') return { directory, step, state: damage.state };
    warn(`the checkpoint ${directory} is damaged and is passed over: ${damage}`);
  }
  if (steps.length === 0) return undefined;
  throw new InputError(
    `${parent} holds no whole checkpoint: ${steps.length} damaged; train from the beginning in another directory`,
  );
}

/** Steps of the checkpoints under `parent`, newest first; whether they are whole is not looked at. */
export async function listSteps(parent: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(parent);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw new InputError(`cannot read ${parent}: ${fileErrorReason(error)}`, { cause: error });
  }
  return names
    .map((name) => /^step-(\d+)$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => b - a);
}

/** `step-000500`: names sort as their steps do. */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`;
}

/** What is wrong with a checkpoint, or else the content of its state file. */
async function findDamage(directory: string, step: number): Promise<string | { state?: unknown }> {
  try {
    const file = path.join(directory, STATE_FILE);
    const parsed = stateFileSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (!parsed.success || parsed.data.step !== step) {
      return `${STATE_FILE} is not what this version writes for step ${step}`;
    }
    for (const [name, expected] of Object.entries(parsed.data.files)) {
      const { size } = await stat(path.join(directory, name));
      if (size !== expected.bytes) return `${name} has ${size} bytes instead of ${expected.bytes}`;
      const { sha256 } = await fingerprint(path.join(directory, name));
      if (sha256 !== expected.sha256) return `the content of ${name} has changed`;
    }
    return parsed.data;
  } catch (error) {
    const code = errorCode(error);
    return code === undefined ? `${STATE_FILE}: ${errorMessage(error)}` : fileErrorReason(error);
  }
}

async function fingerprint(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Keeps the checkpoint of `step` and the newest older one. */
async function prune(parent: string, step: number): Promise<void> {
  const steps = await listSteps(parent);
  const older = steps.find((other) => other < step);
  const kept = new Set([step, older].map((kept) => kept !== undefined && checkpointName(kept)));
  for (const name of await readdir(parent)) {
    if (/^\.?step-\d+(\.tmp)?$/.test(name) && !kept.has(name)) {
      await rm(path.join(parent, name), { recursive: true, force: true });
    }
  }
}

/** Makes names durable; Windows neither can nor needs to. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
