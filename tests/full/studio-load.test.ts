/** Fifty clients at once on loopback: `FEATINV_STUDIO_LOAD_SECONDS` (default 60) of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quantile } from '../../src/metrics/quantile.js';
import { packageRoot } from '../../src/package-root.js';
import type { JobInfo } from '../../src/server/api.js';
import { buildCli } from '../cli/run-featinv.js';
import { childrenOf } from '../queue/processes.js';
import { makeStudioFolder, parse, removeFolder, StudioClient } from '../server/test-studio.js';

const CLIENTS = 50;
const SECONDS = Number(process.env['FEATINV_STUDIO_LOAD_SECONDS'] ?? 60);

let folder: string;
let child: ChildProcess;
let client: StudioClient;

beforeAll(async () => {
  buildCli();
  folder = await makeStudioFolder();
  const main = path.join(packageRoot(), 'dist', 'cli', 'main.js');
  const started = spawn(process.execPath, [main, 'serve', '--data', folder, '--port', '0']);
  child = started;
  const [url] = (await once(started.stdout, 'data')) as [Buffer];
  client = new StudioClient(String(url).trim());
});

afterAll(async () => {
  child.kill('SIGKILL');
  await removeFolder(folder);
});

const mebibytes = (): number => {
  const [pid] = childrenOf(child);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
};

it(`${CLIENTS} clients for ${SECONDS} s`, { timeout: (SECONDS + 240) * 1000 }, async () => {
  const { samples } = await client.info();
  const counts = { accepted: 0, known: 0, refused: 0, done: 0, waiting: 0 };
  const latencies: number[] = [];
  const memory: number[] = [];
  const end = Date.now() + SECONDS * 1000;
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  /** Asks for a reconstruction, watches it to the end, and asks for another. */
  async function visitor(index: number): Promise<void> {
    for (let round = 0; Date.now() < end; round++) {
      const answer = await client.post('/api/jobs', {
        kind: 'look',
        picture: samples[(index + round) % samples.length]!.id,
        inverter: 'lite0-14x14',
        seed: index * 1000 + round,
        every: 4,
      });
      if (answer.status === 429) {
        expect(answer.body.toString()).toMatch(/32 jobs are waiting already: ask again/);
        counts.refused++;
        await pause(1000);
        continue;
      }
      expect([200, 201]).toContain(answer.status);
      counts[answer.status === 201 ? 'accepted' : 'known']++;
      const job = parse(answer.body) as JobInfo;
      const ended = await Promise.race([client.result(job.id), pause(end - Date.now() + 500)]);
      if (ended === undefined) {
        const left = await client.get<JobInfo>(`/api/jobs/${job.id}`);
        expect(left.state === 'running' || typeof left.position === 'number').toBe(true);
        counts.waiting++;
        return;
      }
      expect((ended as JobInfo).state).toBe('done');
      counts.done++;
    }
  }

  /** What a page asks for while others compute. */
  async function page(): Promise<void> {
    while (Date.now() < end) {
      const begin = performance.now();
      await client.info();
      latencies.push(performance.now() - begin);
      memory.push(mebibytes());
      await pause(100);
    }
  }

  await Promise.all([page(), ...Array.from({ length: CLIENTS }, (_, i) => visitor(i))]);
  const at = (q: number): number => quantile(Float64Array.from(latencies), q);
  // The first third opens the inverter and compiles its sessions.
  const later = memory.slice(Math.floor(memory.length / 3));
  const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const growth = mean(later.slice(-10)) - mean(later.slice(0, 10));
  console.log(
    JSON.stringify({
      ...counts,
      ...{ requests: latencies.length, median: at(0.5), p95: at(0.95), worst: at(1) },
      ...{ memory: later.at(-1), growth, load: loadavg()[0] },
    }),
  );
  expect(at(0.5)).toBeLessThan(100);
  expect(counts.done).toBeGreaterThan(0);
  expect(counts.refused).toBeGreaterThan(0);
  expect(growth).toBeLessThan(100);
});
