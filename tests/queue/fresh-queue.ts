/** Micro models, a Redis and the commands that meet there. */
import path from 'node:path';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { readQueueAddress, WorkQueue } from '../../src/queue/index.js';
import { buildCli } from '../cli/run-featinv.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { Processes, type StartedWorker } from './processes.js';
import { RedisServer } from './redis-server.js';

export let micro: MicroModels;
export let redis: RedisServer;
export let processes: Processes;

let environment: Readonly<Record<string, string>>;

/** New ones for all tests of the file that calls it. */
export function freshQueue({ password }: { readonly password?: string } = {}): void {
  vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
  environment = password === undefined ? {} : { FEATINV_QUEUE_PASSWORD: password };
  processes = new Processes(environment);

  beforeAll(async () => {
    buildCli();
    micro = await makeMicroModels();
    redis = await RedisServer.start(password === undefined ? {} : { password });
  });

  afterEach(() => processes.killAll());

  afterAll(async () => {
    await redis?.stop();
    await micro?.remove();
  });
}

/** A file or folder beside the models. */
export const at = (...names: string[]): string => path.join(micro.directory, ...names);

/** Where a command finds the queue, and a storage of this name. */
export const places = (storage: string): string[] => [
  ...['--queue', redis.url, '--storage', at(storage)],
];

/** A worker whose part goes to others soon after it was killed. */
export const startWorker = (storage: string, ...args: string[]): StartedWorker =>
  processes.worker(...places(storage), '--lost-after', '2', ...args);

export const openQueue = async (): Promise<WorkQueue> =>
  WorkQueue.open(await readQueueAddress(redis.url, environment));
