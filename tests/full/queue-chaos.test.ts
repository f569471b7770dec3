/** 500 pictures measured by four workers while workers, Redis and the network break. */
import { mkdtemp, rm } from 'node:fs/promises';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { buildCli } from '../cli/run-featinv.js';
import { canMakeNetworks, NetworkNamespace } from '../queue/network-namespace.js';
import { Processes, totals, type StartedWorker } from '../queue/processes.js';
import { RedisServer } from '../queue/redis-server.js';

/** Between two kills of a worker. */
const KILL_EVERY_MS = 20_000;
const REDIS_DIES_AFTER_MS = 15_000;
const REDIS_AWAY_MS = 3_000;
const CUT_OFF_AFTER_MS = 30_000;
/** Longer than a job's lock lasts: others take over what the lost worker had. */
const CUT_OFF_FOR_MS = 30_000;

const PHOTOGRAPHS = ['astronaut', 'cat', 'coffee', 'macaw', 'rocket'];
const EVALUATION = ['--crops', '100', '--batch', '10', '--steps', '4', '--threads', '1'];
const IMAGES = 500;

let folder: string;
let redis: RedisServer;
let network: NetworkNamespace | undefined;
const processes = new Processes({});

beforeAll(async () => {
  buildCli();
  folder = await mkdtemp(path.join(tmpdir(), 'featinv-chaos-'));
  mkdirSync(path.join(folder, 'photographs'));
  for (const name of PHOTOGRAPHS) {
    const file = `${name}.jpg`;
    copyFileSync(path.join(packageRoot(), 'photos', file), path.join(folder, 'photographs', file));
  }
  network = canMakeNetworks() ? new NetworkNamespace() : undefined;
  redis = await RedisServer.start({ addresses: network ? [network.gateway] : [] });
});

afterAll(async () => {
  processes.killAll();
  await redis.stop();
  network?.remove();
  await rm(folder, { recursive: true, force: true });
});

const storage = (): string => path.join(folder, 'storage');

const evaluate = (...args: string[]) =>
  processes.start(
    ...['evaluate', '--images', path.join(folder, 'photographs'), '--json'],
    ...[...EVALUATION, ...args],
  );

const places = (url: string): string[] => ['--queue', url, '--storage', storage()];

const partition = canMakeNetworks()
  ? 'one worker cut off'
  : 'nobody cut off: networks can only be made by root with iproute2';

it(`a worker killed every 20 s, Redis once, ${partition}`, { timeout: 1_200_000 }, async () => {
  const aloneFrom = performance.now();
  const alone = totals(await evaluate().result);
  const aloneSeconds = (performance.now() - aloneFrom) / 1000;

  const began = performance.now();
  const followed = evaluate(...places(redis.url));
  let isOver = false;
  const finished = followed.result.finally(() => (isOver = true));
  const past: StartedWorker[] = [];
  const local = [0, 1, 2].map(() => processes.worker(...places(redis.url)));
  const remote = network
    ? processes.workerIn(network.wrapper, ...places(redis.urlAt(network.gateway)))
    : processes.worker(...places(redis.url));
  let kills = 0;

  async function killWorkers(): Promise<void> {
    for (let victim = 0; ; victim = (victim + 1) % local.length) {
      await wait(KILL_EVERY_MS);
      if (isOver) return;
      local[victim]!.child.kill('SIGKILL');
      kills++;
      past.push(local[victim]!);
      local[victim] = processes.worker(...places(redis.url));
    }
  }
  async function killRedis(): Promise<void> {
    await wait(REDIS_DIES_AFTER_MS);
    await redis.kill();
    await wait(REDIS_AWAY_MS);
    await redis.resume();
  }
  let doneWhenBack = 0;
  let cutOff: { from: number; until: number } | undefined;
  async function cutOffOne(): Promise<void> {
    await wait(CUT_OFF_AFTER_MS);
    const from = Date.now();
    network?.disconnect();
    await wait(CUT_OFF_FOR_MS);
    network?.connect();
    cutOff = { from, until: Date.now() };
    doneWhenBack = remote.saw('done');
  }
  const trouble = Promise.all([killWorkers(), killRedis(), cutOffOne()]);
  const result = await finished;
  const chaosSeconds = (performance.now() - began) / 1000;
  await trouble;

  const workers = [...past, ...local, remote];
  const units = workers.flatMap(({ log }) => log.filter(({ event }) => event === 'done'));
  const once = new Set(units.map(({ unit }) => unit));
  const count = (event: string): number => workers.reduce((sum, w) => sum + w.saw(event), 0);
  console.log(
    JSON.stringify({
      ...{ aloneSeconds, chaosSeconds, kills, workers: workers.length, cutOff },
      ...{ begun: count('begun'), done: units.length, differentUnits: once.size },
      ...{ stalled: count('stalled'), wasThere: units.filter((u) => u['wasThere']).length },
      cutOffWorker: { done: remote.saw('done'), afterwards: remote.saw('done') - doneWhenBack },
    }),
  );
  expect(totals(result)).toEqual(alone);
  expect(alone).toMatchObject({ images: IMAGES });
  const [results] = readdirSync(path.join(storage(), 'results'));
  const records = readdirSync(path.join(storage(), 'results', results!, 'records'));
  expect(records.filter((name) => name.endsWith('.safetensors'))).toHaveLength(IMAGES / 10);
  // The trouble did happen, in time.
  expect(kills).toBeGreaterThan(2);
  expect(count('begun')).toBeGreaterThan(IMAGES / 10);
  if (network) expect(remote.saw('done')).toBeGreaterThan(doneWhenBack);
});
