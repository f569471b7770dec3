/** What the queue costs: of jobs that take ten seconds, and when 10,000 are ordered at once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { EvaluationStore } from '../../src/evaluation/index.js';
import { packageRoot } from '../../src/package-root.js';
import { followWork, readQueueAddress, WorkQueue } from '../../src/queue/index.js';
import { openStorage } from '../../src/storage/index.js';
import { sharePlan } from '../../src/work/index.js';
import { buildCli } from '../cli/run-featinv.js';
import { Processes, totals } from '../queue/processes.js';
import { RedisServer } from '../queue/redis-server.js';

const MEBIBYTE = 2 ** 20;

let folder: string;
let redis: RedisServer;
const processes = new Processes({});

beforeAll(async () => {
  buildCli();
  folder = await mkdtemp(path.join(tmpdir(), 'featinv-overhead-'));
  redis = await RedisServer.start();
});

afterEach(() => processes.killAll());

afterAll(async () => {
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

it('takes less than 3 % of the time of jobs of ten seconds', { timeout: 600_000 }, async () => {
  const out = path.join(folder, 'out');
  const places = ['--queue', redis.url, '--storage', path.join(folder, 'storage')];
  const evaluation = processes.start(
    ...['evaluate', '--images', path.join(packageRoot(), 'photos'), '--json', '--out', out],
    ...['--crops', '40', '--batch', '32', '--steps', '10', ...places],
  );
  // With all cores, as the only worker of a machine.
  const worker = processes.worker('--threads', '2', ...places);
  totals(await evaluation.result);
  const store = await EvaluationStore.read(out);
  const times = worker.log
    .filter(({ event }) => event === 'begun' || event === 'done')
    .map(({ time, unit }) => ({ at: Date.parse(time as string) / 1000, unit: unit as number }));
  // Without the first job, which opens the models: that is once for a worker, not for a job.
  const later = times.slice(2);
  const wall = later.at(-1)!.at - times[1]!.at;
  const units = new Set(later.map(({ unit }) => unit));
  const work = [...units].reduce((sum, unit) => sum + store.read(unit).seconds, 0);
  const share = (wall - work) / wall;
  console.log(JSON.stringify({ jobs: units.size, secondsPerJob: work / units.size, share }));
  expect(work / units.size).toBeGreaterThan(5);
  expect(share).toBeLessThan(0.03);
});

it('orders 10,000 jobs in seconds and in little memory', { timeout: 300_000 }, async () => {
  const storage = await openStorage(path.join(folder, 'many'));
  const queue = await WorkQueue.open(await readQueueAddress(redis.url));
  const plan = (images: number): object => ({
    model: { shipped: 'lite0-14x14' },
    images: 'images/none.json',
    evaluation: {
      ...{ schemaVersion: 1, images, batchSize: 1, seed: images, folder: '', settings: {} },
      shard: { index: 1, count: 1 },
    },
  });
  try {
    const memory: number[] = [];
    for (const jobs of [1_000, 10_000, 10_000]) {
      const shared = await sharePlan(storage, 'evaluation', plan(jobs + memory.length));
      global.gc?.();
      const began = performance.now();
      await queue.submit(shared, [...Array(shared.units).keys()]);
      const seconds = (performance.now() - began) / 1000;
      memory.push(process.memoryUsage().rss / MEBIBYTE);
      // Ordered again, as a follower does, nothing is added and little is asked.
      const stop = new AbortController();
      let looks = 0;
      const look = performance.now();
      const followed = followWork(queue, storage, shared, {
        ...{ signal: stop.signal, pauseMs: 1 },
        onProgress: () => void looks++,
      });
      await wait(2_000);
      stop.abort();
      expect(await followed).toBe(false);
      console.log(
        JSON.stringify({
          ...{ jobs, seconds, rss: memory.at(-1), looks },
          lookedFor: (performance.now() - look) / 1000,
        }),
      );
      expect(seconds).toBeLessThan(10);
    }
    expect((await queue.counts()).waiting).toBe(1_000 + 10_001 + 10_002);
    // Ten times as many jobs, and again: no more than the garbage of a thousand.
    expect(memory[2]! - memory[0]!).toBeLessThan(64);
  } finally {
    await queue.clean(true);
    await queue.close();
  }
});
