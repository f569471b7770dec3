import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { listSteps } from '../../src/training/checkpoint-files.js';
import { readOutcome, runToy } from './run-toy.js';

// Normally a few seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const trainer = {
  steps: 60,
  batchSize: 8,
  accumulation: 2,
  learningRate: 0.05,
  warmupSteps: 5,
  schedule: 'cosine',
  weightDecay: 0.1,
  ema: { decay: 0.9 },
  seed: 3,
  validateEvery: 10,
  checkpointEvery: 7,
  logEvery: 4,
};

describe('an interrupted run', () => {
  let directory: string;
  let uninterrupted: Record<string, string>;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'featinv-resume-'));
    const whole = path.join(directory, 'whole');
    const { lastLine, errors } = await runToy(whole, { trainer, resume: false, delayMs: 0 });
    expect(`${lastLine}${errors}`).toBe('finished');
    uninterrupted = await readOutcome(whole, 60);
  });

  afterAll(() => rm(directory, { recursive: true }));

  it('ends with the same bytes and log after being killed again and again', async () => {
    const run = path.join(directory, 'killed');
    const begun: number[] = [];
    // Before the first checkpoint, right after one is due, and between two of them.
    for (const afterSteps of [3, 15, 8, 10]) {
      const [done = 0] = await listSteps(path.join(run, 'checkpoints'));
      begun.push(done);
      const outcome = await runToy(
        run,
        { trainer, resume: done > 0, delayMs: 1 },
        { signal: 'SIGKILL', afterSteps },
      );
      expect(outcome.code, outcome.errors).toBe(null);
      const [now = 0] = await listSteps(path.join(run, 'checkpoints'));
      // The step whose report came last may have had its checkpoint cut off.
      expect(now).toBeGreaterThanOrEqual(done + outcome.stepsSeen - 7);
    }
    expect(begun.at(-1)).toBeGreaterThan(13);
    const last = await runToy(run, { trainer, resume: true, delayMs: 0 });
    expect(`${last.lastLine}${last.errors}`).toBe('finished');
    expect(await readOutcome(run, 60)).toEqual(uninterrupted);
    expect((await readdir(path.join(run, 'checkpoints'))).sort()).toEqual([
      'step-000056',
      'step-000060',
    ]);
  });

  it('stops in order with a checkpoint of the last step at SIGTERM', async () => {
    const run = path.join(directory, 'terminated');
    const first = await runToy(
      run,
      { trainer, resume: false, delayMs: 2 },
      { signal: 'SIGTERM', afterSteps: 10 },
    );
    expect(first).toMatchObject({ code: 0, lastLine: 'interrupted', errors: '' });
    expect(await listSteps(path.join(run, 'checkpoints'))).toContain(first.stepsSeen);
    const second = await runToy(run, { trainer, resume: true, delayMs: 0 });
    expect(second.stepsSeen).toBe(60 - first.stepsSeen);
    expect(await readOutcome(run, 60)).toEqual(uninterrupted);
  });
});
