/** What operators rely on: order, rate, failures, numbers, secrets and encryption. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { QueueCounts, WorkQueue } from '../../../src/queue/index.js';
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
import { childrenOf, Processes, totals } from '../processes.js';
import { freePort, RedisServer } from '../redis-server.js';

const PASSWORD = 'nobody else may read this';

freshQueue({ password: PASSWORD });

let queue: WorkQueue;

beforeAll(async () => {
  queue = await openQueue();
});

afterEach(() => queue.clean(true));

afterAll(() => queue.close());

/** Three pictures in `3 / batch` parts. */
const evaluate = (batch: number, ...args: string[]) =>
  processes.start(
    ...['evaluate', '--images', micro.photographs, '--model', micro.inverter, '--json'],
    ...['--threads', '1', '--steps', '1', '--batch', String(batch), ...args],
  );

const counts = (isSo: (counts: QueueCounts) => boolean, what: string): Promise<void> =>
  until(async () => isSo(await queue.counts()), what);

describe('workers', () => {
  it('take urgent work first, begin no more in a minute than they may, and tell how they are', async () => {
    const patient = evaluate(1, '--seed', '7', '--priority', '9', ...places('order'));
    await counts(({ waiting }) => waiting === 3, 'ordered');
    const urgent = evaluate(2, '--seed', '8', '--priority', '1', ...places('order'));
    await counts(({ waiting }) => waiting === 5, 'ordered, too');

    const port = String(await freePort());
    const name = 'one "worker"';
    const worker = startWorker('order', '--rate', '3', '--name', name, '--metrics-port', port);
    await until(() => worker.saw('done') === 3, 'done');
    await wait(3_000);
    const plans = worker.log.filter(({ event }) => event === 'begun').map(({ plan }) => plan);
    expect(plans).toHaveLength(3);
    expect(plans[1]).toBe(plans[0]);
    expect(plans[2]).not.toBe(plans[0]);
    expect((await urgent.result).code).toBe(0);
    patient.child.kill('SIGKILL');

    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = (await answer.text()).split('\n');
    expect(lines).toContain(
      'featinv_worker_jobs_total{worker="one \\"worker\\"",outcome="done"} 3',
    );
    expect(lines).toContain('featinv_worker_queue_up{worker="one \\"worker\\""} 1');
    expect(lines).toContain('bullmq_job_count{queue="featinv", state="prioritized"} 2');
    // Every line is a comment, or a name with labels and a number.
    const sample = /^[a-z_]+\{(?:[a-z]+="(?:[^"\\]|\\.)*",? ?)*\} -?\d[\d.e+-]*$/;
    for (const line of lines) {
      if (line !== '' && !line.startsWith('# ')) expect(line).toMatch(sample);
    }
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);

    await until(async () => (await queue.workers())[0]?.done === 3, 'told by its heartbeat');
    expect(await queue.workers()).toMatchObject([{ worker: 'one "worker"', failed: 0 }]);
    worker.child.kill('SIGTERM');
    await worker.result;
    expect(await queue.workers()).toEqual([]);
  });

  it('set a job aside whose process dies, and stay alive', async () => {
    const submitted = evaluate(3, ...places('poison'));
    const worker = startWorker('poison');
    for (const attempt of [1, 2, 3]) {
      await until(() => worker.saw('begun') === attempt, `begun for the ${attempt}. time`);
      await until(() => childrenOf(worker.child).length > 0, 'computed in a process');
      for (const pid of childrenOf(worker.child)) process.kill(pid, 'SIGKILL');
      await until(() => worker.saw('failed') === attempt, 'failed');
    }
    const { code, stderr } = await submitted.result;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /1 of 1 parts failed, the first with: the process that computed it died \(SIGKILL\)/,
    );
    expect(worker.log.filter(({ isFinal }) => isFinal)).toHaveLength(1);

    await queue.retry();
    await until(() => worker.saw('done') === 1, 'done by the same worker');
    totals(await evaluate(3, ...places('poison')).result);
  });

  it('keep the password out of logs, command lines, the storage, Redis and the computing process', async () => {
    const submitted = evaluate(3, ...places('secrets'));
    const worker = startWorker('secrets');
    // A process that was just forked has its parent's environment until it runs its own program.
    const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const computers = (): number[] =>
      childrenOf(worker.child).filter((pid) => commandOf(pid).includes('worker-process'));
    await until(() => computers().length > 0, 'computed in a process');
    const [computing] = computers();
    expect(readFileSync(`/proc/${worker.child.pid}/environ`, 'utf8')).toContain(PASSWORD);
    expect(readFileSync(`/proc/${computing}/environ`, 'utf8')).not.toContain(PASSWORD);
    for (const pid of [worker.child.pid, submitted.child.pid, computing]) {
      expect(commandOf(pid!)).not.toContain(PASSWORD);
    }
    const result = await submitted.result;
    totals(result);
    worker.child.kill('SIGTERM');
    const { stdout, stderr } = await worker.result;
    for (const text of [stdout, stderr, result.stdout, result.stderr]) {
      expect(text).not.toContain(PASSWORD);
    }
    for (const folder of [at('secrets'), redis.directory]) {
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const contents = files
        .map((name) => path.join(folder, name))
        .filter((file) => statSync(file).isFile())
        .map((file) => readFileSync(file, 'latin1'));
      expect(contents.length).toBeGreaterThan(0);
      expect(contents.filter((content) => content.includes(PASSWORD))).toEqual([]);
    }
  });
});

const canEncrypt = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0;

describe.runIf(canEncrypt)('a queue with TLS and a private authority', () => {
  it('is used with NODE_EXTRA_CA_CERTS, and refused without', async () => {
    const [key, certificate] = [at('key.pem'), at('certificate.pem')];
    const made = spawnSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
        ...['-days', '2', '-subj', '/CN=featinv', '-addext', 'subjectAltName=IP:127.0.0.1'],
        ...['-keyout', key, '-out', certificate],
      ],
      { encoding: 'utf8' },
    );
    expect(existsSync(certificate), made.stderr).toBe(true);
    const encrypted = await RedisServer.start({ tls: { key, certificate } });
    try {
      const status = ['queue', 'status', '--json', '--queue', encrypted.url];
      const stranger = await new Processes({}).start(...status).result;
      expect(stranger.code).toBe(1);
      expect(stranger.stderr).toMatch(
        /^featinv: cannot reach the queue at rediss:.*certificate.*NODE_EXTRA_CA_CERTS/,
      );
      const { code, stdout, stderr } = await new Processes({
        NODE_EXTRA_CA_CERTS: certificate,
      }).start(...status).result;
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ queue: encrypted.url, waiting: 0, workers: [] });
    } finally {
      await encrypted.stop();
    }
  });
});
