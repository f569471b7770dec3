import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/images/png.js';
import { packageRoot } from '../../src/package-root.js';
import type { JobList, LookResult } from '../../src/server/api.js';
import { openDatabase } from '../../src/server/database.js';
import { JobStore } from '../../src/server/jobs/job-store.js';
import { buildCli } from '../cli/run-featinv.js';
import { blobs, makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { isComputing, makeStudioFolder, removeFolder, StudioClient } from './test-studio.js';

let micro: MicroModels;
let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  buildCli();
  micro = await makeMicroModels();
});

afterAll(() => micro.remove());

beforeEach(async () => {
  folder = await makeStudioFolder();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await removeFolder(folder);
});

const data = (): string => path.join(folder, 'data');

/** `featinv serve` in a process of its own, once it has printed where it is. */
async function serve(...args: string[]) {
  const main = path.join(packageRoot(), 'dist', 'cli', 'main.js');
  const options = ['--data', data(), '--port', '0', '--model', micro.inverter, '--threads', '1'];
  const child = spawn(process.execPath, [main, 'serve', ...options, ...args]);
  children.push(child);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
  while (!stdout.endsWith('\n')) await once(child.stdout, 'data');
  return { child, stdout };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const gone = once(child, 'exit') as Promise<[number | null]>;
  child.kill(signal);
  return (await gone)[0];
}

describe('featinv serve', () => {
  it('goes on after it was killed, and ends within a second when it is told to', async () => {
    const first = await serve('--json');
    const told = JSON.parse(first.stdout) as { url: string; data: string };
    expect(told.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(told.data).toBe(data());
    const before = new StudioClient(told.url);
    const { id: picture } = await before.picture(await encodePng(blobs(0, 80, 64)));
    const look = { kind: 'look', picture, inverter: 'micro', every: 0 } as const;
    const done = await before.result((await before.ask(look)).id);
    const running = await before.ask({ ...look, samples: 4, sampling: { steps: 60 } });
    const waiting = await before.ask({ ...look, samples: 4, sampling: { steps: 250 } });
    await before.events(running.id, undefined, isComputing);
    await end(first.child, 'SIGKILL');

    const second = await serve();
    const client = new StudioClient(second.stdout.trim());
    const { jobs } = await client.get<JobList>('/api/jobs');
    expect(jobs.map(({ id, state }) => [id, state])).toEqual([
      [waiting.id, 'queued'],
      [running.id, 'running'],
      [done.id, 'done'],
    ]);
    expect(await client.ask(look)).toEqual(done);
    const { image } = (done.result as LookResult).outputs[0]!;
    expect((await client.raw('GET', `/api/jobs/${done.id}/files/${image}`)).status).toBe(200);
    expect((await client.result(running.id)).state).toBe('done');

    await client.events(waiting.id, undefined, isComputing);
    const started = performance.now();
    expect(await end(second.child, 'SIGINT')).toBe(130);
    expect(performance.now() - started).toBeLessThan(1000);
    const database = openDatabase(path.join(data(), 'studio.db'));
    expect(new JobStore(database).queued()).toEqual([waiting.id]);
    database.close();
  });
});
