/** Training in rounds by workers, with a real Redis: the bytes are those of one process. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../../src/storage/index.js';
import { trainerSchema } from '../../../src/training/config.js';
import { roundsSchema } from '../../../src/training/rounds/index.js';
import { sharePlan } from '../../../src/work/index.js';
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
import { childrenOf } from '../processes.js';

freshQueue();

/** A configuration file; `rounds` undefined for plain training. */
function config(name: string, rounds: object | undefined): string {
  const { photographs, base, inverter } = micro;
  const file = at(`${name}.json`);
  writeFileSync(
    file,
    JSON.stringify({
      type: 'inverter',
      data: { photographs, heldOut: photographs, heldOutCropsPerImage: 1, validationCrops: 2 },
      ...{ base, startFrom: inverter, backbone: 'mobilenet_v1_025', layer: 'Conv2d_13_pointwise' },
      ...{ hintWidth: 8, scaleChannels: false },
      release: { name: 'test', description: 'test', licence: 'none' },
      sampling: { sampler: 'ddim', steps: 1, eta: 0, guidance: 1, guidanceMode: 'joint' },
      trainer: { steps: 4, batchSize: 1, learningRate: 0.001, ema: { decay: 0.9 } },
      rounds,
    }),
  );
  return file;
}

const train = (file: string, out: string, ...args: string[]) =>
  processes.start(
    ...['train', '--config', file, '--out', at(out), '--threads', '1', '--json', ...args],
  );

/** What must not depend on who trained: released weights, samples, and the log without its times. */
function outcome(out: string): Record<string, string> {
  const read = (name: string) => readFileSync(at(out, name));
  const log = read('log.jsonl').toString();
  return {
    weights: read('model/controlnet.safetensors').toString('base64'),
    samples: read('samples/step-000004-samples.png').toString('base64'),
    log: log.replace(/,"(imagesPerSecond|seconds|memoryMB)":[^,}]+/g, ''),
  };
}

describe('featinv train with rounds', () => {
  const rounds = { workers: 2, innerSteps: 2 };

  it('is plain training where one worker takes whole steps', async () => {
    const alone = { workers: 1, innerSteps: 2, outerLearningRate: 1, outerMomentum: 0 };
    for (const [name, of] of [
      ['plain', undefined],
      ['single', alone],
    ] as const) {
      const { code, stderr } = await train(config(name, of), name).result;
      expect(code, stderr).toBe(0);
    }
    const { log: _, ...plain } = outcome('plain');
    expect(outcome('single')).toMatchObject(plain);
  });

  it('gives the same bytes here and by workers of which one loses its process; it can be left and followed again', async () => {
    const file = config('rounds', rounds);
    const alone = await train(file, 'alone').result;
    expect(alone.code, alone.stderr).toBe(0);
    expect(JSON.parse(alone.stdout)).toMatchObject({ step: 4, images: 8, reason: 'finished' });
    expect(alone.stderr).toContain('inverter: 2 workers × 4 steps of 1 images in 2 rounds of 2');

    const left = train(file, 'shared-run', ...places('shared'));
    const first = startWorker('shared', '--name', 'first');
    await until(() => first.saw('begun') > 1, 'begun');
    for (const pid of childrenOf(first.child)) process.kill(pid, 'SIGKILL');
    left.child.kill('SIGINT');
    const interrupted = await left.result;
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).toContain('the same command follows them again');

    startWorker('shared', '--name', 'second');
    const followed = await train(file, 'shared-run', ...places('shared')).result;
    expect(followed.code, followed.stderr).toBe(0);
    expect(outcome('shared-run')).toEqual(outcome('alone'));
    expect(first.saw('failed')).toBe(1);
    processes.killAll();

    // All is there: no worker is needed to have it once more, elsewhere.
    expect((await train(file, 'again', ...places('shared')).result).code).toBe(0);
    expect(outcome('again').weights).toEqual(outcome('alone').weights);
  });

  it('makes a damaged result again, and says so in the worker’s log', async () => {
    const file = config('damaged', { ...rounds, innerState: 'fresh' });
    const followed = train(file, 'damaged-run', ...places('damaged'));
    const worker = startWorker('damaged');
    const results = () => {
      const folder = at('damaged', 'results');
      return existsSync(folder) ? path.join(folder, readdirSync(folder)[0]!) : '';
    };
    const initial = () => path.join(results(), 'round-0000', 'weights.safetensors');
    await until(
      () => results() !== '' && existsSync(path.join(results(), 'receipts', '00000.json')),
      'begun',
    );
    writeFileSync(initial(), 'broken');
    expect((await followed.result).code).toBe(0);
    const notes = worker.log.filter(({ event }) => event === 'note').map(({ line }) => line);
    expect(notes).toEqual([
      expect.stringMatching(
        /round-0000\/weights\.safetensors .* is not what was delivered; it is refused/,
      ),
    ]);
  });

  it('is ordered by stages, which are ordered once, and forgotten whole', async () => {
    const queue = await openQueue();
    const trainer = trainerSchema.parse({ steps: 4, batchSize: 1, learningRate: 0.1 });
    const plan = { task: {}, places: {}, trainer, rounds: roundsSchema.parse(rounds) };
    const shared = await sharePlan(await openStorage(at('ordered')), 'training', plan);
    try {
      await queue.submitStage(shared, [1, 2, 3]);
      await queue.submitStage(shared, [1, 2, 3]);
      expect(await queue.units(shared, 'all')).toEqual(new Set([1, 2, 3]));
      expect(await queue.counts()).toMatchObject({ waiting: 3 });
      expect(await queue.clean(true)).toBe(3);
      expect(await queue.units(shared, 'all')).toEqual(new Set());
    } finally {
      await queue.close();
    }
  });

  it('refuses --queue without rounds, and another configuration in the same folder', async () => {
    const plain = await train(config('no-rounds', undefined), 'x', '--queue', redis.url).result;
    expect(plain.code).toBe(2);
    expect(plain.stderr).toMatch(/--queue shares training in rounds .* has no "rounds"/);
    const other = config('other', { ...rounds, outerMomentum: 0.5 });
    const resumed = await train(other, 'alone', '--resume').result;
    expect(resumed.code).toBe(2);
    expect(resumed.stderr).toContain('"rounds.outerMomentum" is 0.5, but the run in');
    rmSync(at('alone', 'rounds'), { recursive: true });
  });
});
