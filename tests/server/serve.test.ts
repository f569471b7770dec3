import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodePng } from '../../src/images/png.js';
import { packageRoot } from '../../src/package-root.js';
import type { JobInfo } from '../../src/server/api.js';
import { buildCli, runFeatinv } from '../cli/run-featinv.js';
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

async function askForMuch(client: StudioClient): Promise<JobInfo> {
  const { id: picture } = await client.picture(await encodePng(blobs(0, 80, 64)));
  const job = await client.ask({
    ...{ kind: 'look', picture, inverter: 'micro', samples: 4, every: 0 },
    sampling: { steps: 100 },
  });
  await client.events(job.id, undefined, isComputing);
  return job;
}

describe('featinv serve', () => {
  it('prints where it is and ends within a second, in the middle of work as well', async () => {
    const { child, stdout } = await serve('--json');
    const told = JSON.parse(stdout) as { url: string; data: string };
    expect(told.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(told.data).toBe(data());
    await askForMuch(new StudioClient(told.url));
    const started = performance.now();
    expect(await end(child, 'SIGINT')).toBe(130);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('finishes after a restart what it was at when it was killed', async () => {
    const first = await serve();
    const job = await askForMuch(new StudioClient(first.stdout.trim()));
    await end(first.child, 'SIGKILL');
    const second = await serve();
    const client = new StudioClient(second.stdout.trim());
    expect((await client.result(job.id)).state).toBe('done');
    expect(await end(second.child, 'SIGTERM')).toBe(130);
  });

  it('says in a line what is in use', async () => {
    const { stdout } = await serve();
    const { port } = new URL(stdout.trim());
    const same = await runFeatinv(['serve', '--data', data(), '--port', '0']);
    expect(same.code).toBe(2);
    expect(same.stderr).toMatch(/^featinv: .* is in use by another studio \(process \d+\)/);
    const other = await runFeatinv(['serve', '--data', `${data()}2`, '--port', port]);
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/port \d+ of 127\.0\.0\.1 is in use: give another --port/);
    const nowhere = await runFeatinv(['serve', '--data', `${data()}2`, '--host', '203.0.113.7']);
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toMatch(/give an address of this machine with --host/);
  });
});
