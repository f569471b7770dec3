/** The folder in which the studio keeps what it is given and makes; one server at a time owns it. */
import { open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode, InputError } from '../errors.js';
import { ensureWritableDirectory } from '../files.js';

export interface DataFolder {
  readonly root: string;
  readonly database: string;
  readonly pictures: string;
  readonly jobs: string;
  readonly concepts: string;
  /** Runs of training that the studio started. */
  readonly training: string;
  /** Where users put photographs to train on. */
  readonly photographs: string;
  /** Lets another server have it. */
  release(): Promise<void>;
}

/** Folders that this process owns: its own number in a lock says nothing after a restart in a container. */
const owned = new Set<string>();

/** Makes the folder where it is missing and takes it. Throws InputError while another studio has it. */
export async function takeDataFolder(directory: string): Promise<DataFolder> {
  const root = path.resolve(directory);
  const at = (name: string): string => path.join(root, name);
  await ensureWritableDirectory(root, '--data');
  const lock = at('studio.pid');
  await takeLock(root, lock);
  owned.add(root);
  const folders = {
    ...{ pictures: at('pictures'), jobs: at('jobs'), concepts: at('concepts') },
    ...{ training: at('training'), photographs: at('photographs') },
  };
  for (const folder of Object.values(folders)) await ensureWritableDirectory(folder, '--data');
  return {
    root,
    database: at('studio.db'),
    ...folders,
    release: async () => {
      owned.delete(root);
      await rm(lock, { force: true });
    },
  };
}

/** The process that serves outlives one that was killed above it by a moment. */
const PATIENCE_MS = 2_000;

async function takeLock(root: string, lock: string): Promise<void> {
  for (;;) {
    try {
      const handle = await open(lock, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (owner === process.pid ? owned.has(root) : await staysRunning(owner)) {
      throw new InputError(
        `${root} is in use by another studio (process ${owner}): give another folder with --data, ` +
          `or remove ${lock} if that process is no studio`,
      );
    }
    await rm(lock, { force: true });
  }
}

async function staysRunning(pid: number): Promise<boolean> {
  const patientUntil = performance.now() + PATIENCE_MS;
  while (isRunning(pid)) {
    if (performance.now() > patientUntil) return true;
    await wait(50);
  }
  return false;
}

function isRunning(pid: number): boolean {
  if (!(Number.isInteger(pid) && pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
