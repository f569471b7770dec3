/** Evaluations by workers, with a real Redis and real processes that are killed. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';
import { collect } from '../../cli/run-featinv.js';
import { until } from '../../support/until.js';
import {
  at,
  freshQueue,
  micro,
  openQueue,
  places,
  processes,
  redis,
  startWorker,
} from '../fresh-queue.js';
import { totals } from '../processes.js';

const PASSWORD = 'only in the environment';

freshQueue({ password: PASSWORD });

const evaluate = (images: string, ...args: string[]) =>
  processes.start(
    ...['evaluate', '--images', images, '--model', micro.inverter, '--threads', '1', '--json'],
    ...['--crops', '4', '--batch', '2', '--steps', '1', ...args],
  );

/** Whether jobs wait for a worker. */
async function isOrdered(): Promise<boolean> {
  const queue = await openQueue();
  const { waiting } = await queue.counts();
  await queue.close();
  return waiting > 0;
}

describe('featinv evaluate --queue', () => {
  it('gives the numbers of one process, while a worker and Redis are killed in the middle', async () => {
    const alone = totals(await evaluate(micro.photographs).result);
    const followed = evaluate(micro.photographs, ...places('shared'), '--out', at('followed'));
    const first = startWorker('shared', '--name', 'first');
    await until(() => first.saw('begun') > 0, 'begun');
    first.child.kill('SIGKILL');
    await first.result;
    const second = startWorker('shared', '--name', 'second');
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
    await until(isOrdered, 'ordered');
    left.child.kill('SIGINT');
    const { code, stderr } = await left.result;
    expect(code).toBe(130);
    expect(stderr).toContain('the workers go on, and the same command follows them again');

    const only = startWorker('left');
    await until(() => only.saw('begun') > 0, 'begun');
    // As services and terminals do it: to the worker and to the process that computes.
    process.kill(-only.child.pid!, 'SIGTERM');
    expect((await only.result).code).toBe(130);
    expect([only.saw('draining'), only.log.at(-1)!['event']]).toEqual([1, 'stopped']);
    // What was begun is finished; a part that the queue handed out in that moment goes to others.
    expect([only.saw('done') > 0, only.saw('failed')]).toEqual([true, 0]);

    startWorker('left');
    const again = totals(
      await evaluate(micro.photographs, '--seed', '5', ...places('left')).result,
    );
    const alone = totals(await evaluate(micro.photographs, '--seed', '5').result);
    expect(again).toEqual(alone);
  });

  it('sets work aside that cannot be done, says why, and tries again when told to', async () => {
    const args = ['--seed', '6', ...places('broken')];
    const submitted = evaluate(micro.photographs, ...args);
    await until(isOrdered, 'ordered');
    // The storage loses a photograph's content before it is read.
    const images = path.join(at('broken'), 'images');
    const set = readdirSync(images).find((name) => !name.endsWith('.json'))!;
    const photograph = path.join(images, set, '0.png');
    const content = readFileSync(photograph);
    writeFileSync(photograph, 'damaged');
    startWorker('broken');
    const { code, stderr } = await submitted.result;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /parts failed, the first with: 0\.png in .* has changed since the work was submitted/,
    );
    const status = await processes.start('queue', 'status', '--queue', redis.url, '--json').result;
    const { failed, failures } = JSON.parse(status.stdout) as {
      failed: number;
      failures: object[];
    };
    expect(failed).toBeGreaterThan(0);
    expect(failures).toHaveLength(failed);
    expect(failures[0]).toMatchObject({ kind: 'evaluation', attempts: 3 });

    writeFileSync(photograph, content);
    const retried = await processes.start('queue', 'retry', '--queue', redis.url, '--json').result;
    expect(JSON.parse(retried.stdout)).toEqual({ retried: failed });
    const again = totals(await evaluate(micro.photographs, ...args).result);
    expect(again).toEqual(totals(await evaluate(micro.photographs, '--seed', '6').result));
  });

  it('brings the model along, and has damaged results made again', async () => {
    const left = evaluate(micro.photographs, '--seed', '9', ...places('far'));
    await until(isOrdered, 'ordered');
    left.child.kill('SIGKILL');
    await left.result;
    // A machine that has nothing but the storage.
    const [own, hidden] = [
      [micro.inverter, micro.base],
      [at('hidden-1'), at('hidden-2')],
    ];
    own.forEach((folder, i) => renameSync(folder, hidden[i]!));
    const far = startWorker('far');
    await until(() => far.saw('begun') > 0 && far.saw('done') === far.saw('begun'), 'done');
    own.forEach((folder, i) => renameSync(hidden[i]!, folder));

    const [results] = readdirSync(path.join(at('far'), 'results'));
    const records = path.join(at('far'), 'results', results!, 'records');
    const [first] = readdirSync(records).filter((name) => name.endsWith('.safetensors'));
    const bytes = readFileSync(path.join(records, first!));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path.join(records, first!), bytes);
    const again = await evaluate(micro.photographs, '--seed', '9', ...places('far')).result;
    expect(again.stderr).toMatch(/1 results are asked for again: .*is not what was delivered/);
    const alone = await evaluate(micro.photographs, '--seed', '9').result;
    expect(totals(again)).toEqual(totals(alone));
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
