/** Evaluations by workers, with a real Redis and real processes that are killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';
import { buildCli, collect, type CliResult } from '../../cli/run-featinv.js';
import { makeMicroModels, type MicroModels } from '../../inversion/micro-models.js';
import { until } from '../../support/until.js';
import { RedisServer } from '../redis-server.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const PASSWORD = 'only in the environment';

let micro: MicroModels;
let redis: RedisServer;
const children = new Set<ChildProcess>();
const at = (name: string): string => path.join(micro.directory, name);

beforeAll(async () => {
  buildCli();
  micro = await makeMicroModels();
  redis = await RedisServer.start({ password: PASSWORD });
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

afterAll(async () => {
  await redis.stop();
  await micro.remove();
});

function start(...args: string[]): { child: ChildProcess; result: Promise<CliResult> } {
  const main = path.join(packageRoot(), 'dist', 'cli', 'main.js');
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, NODE_ENV: '', FEATINV_QUEUE_PASSWORD: PASSWORD },
  });
  children.add(child);
  const result = collect(child);
  void result.then(() => children.delete(child));
  return { child, result };
}

const places = (storage: string): string[] => ['--queue', redis.url, '--storage', at(storage)];

const evaluate = (images: string, ...args: string[]) =>
  start(
    ...['evaluate', '--images', images, '--model', micro.inverter, '--threads', '1', '--json'],
    ...['--crops', '4', '--batch', '2', '--steps', '1', ...args],
  );

/** A worker, and what it has logged so far. */
function worker(storage: string, ...args: string[]) {
  const log: Record<string, unknown>[] = [];
  const { child, result } = start(
    ...['worker', ...places(storage), '--threads', '1', '--json', ...args],
  );
  child.stderr!.on('data', (chunk: string) => {
    for (const line of chunk.split('\n'))
      if (line.startsWith('{')) log.push(JSON.parse(line) as never);
  });
  const saw = (event: string): number => log.filter((line) => line['event'] === event).length;
  return { child, result, log, saw };
}

/** Without what depends on the clock and on who measured. */
function totals({ code, stdout, stderr }: CliResult): unknown {
  expect(code, stderr).toBe(0);
  const { seconds, secondsPerImage, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  expect([typeof seconds, typeof secondsPerImage]).toEqual(['number', 'number']);
  return rest;
}

describe('featinv evaluate --queue', () => {
  it('gives the numbers of one process, while a worker and Redis are killed in the middle', async () => {
    const alone = totals(await evaluate(micro.photographs).result);
    const followed = evaluate(micro.photographs, ...places('shared'), '--out', at('followed'));
    const first = worker('shared', '--name', 'first');
    await until(() => first.saw('begun') > 0, 'begun');
    first.child.kill('SIGKILL');
    await first.result;
    const second = worker('shared', '--name', 'second');
    await until(() => second.saw('done') > 0, 'done by the second');
    await redis.kill();
    await until(() => second.saw('trouble') > 0, 'noticed by the worker');
    await redis.resume();
    expect(totals(await followed.result)).toEqual(alone);
    const written = JSON.parse(
      readFileSync(path.join(at('followed'), 'evaluation.json'), 'utf8'),
    ) as unknown;
    expect(written).toMatchObject(alone as object);

    // Asked again, there is nothing left to do: no worker is needed.
    second.child.kill('SIGKILL');
    await second.result;
    expect(totals(await evaluate(micro.photographs, ...places('shared')).result)).toEqual(alone);
  });

  it('can be left and followed again; a worker that is asked to stop finishes its part', async () => {
    const left = evaluate(micro.photographs, '--seed', '5', ...places('left'));
    await until(() => isSubmitted('left'), 'submitted');
    left.child.kill('SIGINT');
    const { code, stderr } = await left.result;
    expect(code).toBe(130);
    expect(stderr).toContain('the workers go on, and the same command follows them again');

    const only = worker('left');
    await until(() => only.saw('begun') > 0, 'begun');
    only.child.kill('SIGTERM');
    expect((await only.result).code).toBe(130);
    expect([only.saw('draining'), only.log.at(-1)!['event']]).toEqual([1, 'stopped']);
    expect(only.saw('done')).toBe(only.saw('begun'));

    worker('left');
    const again = totals(
      await evaluate(micro.photographs, '--seed', '5', ...places('left')).result,
    );
    const alone = totals(await evaluate(micro.photographs, '--seed', '5').result);
    expect(again).toEqual(alone);
  });

  it('sets work aside that cannot be done, says why, and tries again when told to', async () => {
    const args = ['--seed', '6', ...places('broken')];
    const submitted = evaluate(micro.photographs, ...args);
    await until(() => isSubmitted('broken'), 'submitted');
    // The storage loses a photograph's content before it is read.
    const images = path.join(at('broken'), 'images');
    const set = readdirSync(images).find((name) => !name.endsWith('.json'))!;
    const photograph = path.join(images, set, '0.png');
    const content = readFileSync(photograph);
    writeFileSync(photograph, 'damaged');
    worker('broken');
    const { code, stderr } = await submitted.result;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /parts failed, the first with: 0\.png in .* has changed since the work was submitted/,
    );
    const status = await start('queue', 'status', '--queue', redis.url, '--json').result;
    const { failed, failures } = JSON.parse(status.stdout) as {
      failed: number;
      failures: object[];
    };
    expect(failed).toBeGreaterThan(0);
    expect(failures).toHaveLength(failed);
    expect(failures[0]).toMatchObject({ kind: 'evaluation', attempts: 3 });

    writeFileSync(photograph, content);
    const retried = await start('queue', 'retry', '--queue', redis.url, '--json').result;
    expect(JSON.parse(retried.stdout)).toEqual({ retried: failed });
    const again = totals(await evaluate(micro.photographs, ...args).result);
    expect(again).toEqual(totals(await evaluate(micro.photographs, '--seed', '6').result));
  });

  it('refuses a wrong password without showing the right one', async () => {
    const main = path.join(packageRoot(), 'dist', 'cli', 'main.js');
    const env = { ...process.env, FEATINV_QUEUE_PASSWORD: 'wrong' };
    const { code, stderr } = await collect(
      spawn(process.execPath, [main, 'queue', 'status', '--queue', redis.url], { env }),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^featinv: cannot reach the queue at redis:\/\/127\.0\.0\.1:\d+: WRONGPASS/,
    );
    expect(stderr).not.toContain(PASSWORD);
  });
});

const isSubmitted = (storage: string): boolean => existsSync(path.join(at(storage), 'plans'));
