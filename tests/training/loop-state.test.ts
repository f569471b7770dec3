import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Session } from '../../src/runtime/session.js';
import { trainerSchema, type TrainerConfig } from '../../src/training/config.js';
import { HostState } from '../../src/training/host-state.js';
import { LoopState } from '../../src/training/loop-state.js';
import { takeSteps, trainingRandom } from '../../src/training/optimizer.js';
import { hostArray, partsOf } from '../../src/training/state-parts.js';
import type { TracedTask, TrainingTask } from '../../src/training/task.js';
import { train } from '../../src/training/trainer.js';
import type { StepReport, TrainingState } from '../../src/training/training-state.js';
import { openSmallTask } from './small-task.js';

const STEPS = 20;

const configOf = (more: object = {}): TrainerConfig =>
  trainerSchema.parse({
    ...{ steps: STEPS, batchSize: 2, learningRate: 0.01, warmupSteps: 3, weightDecay: 0.1 },
    ...{ clipNorm: 0.5, ema: { decay: 0.9 }, ...more },
  });

const openTask = (): Promise<TrainingTask> => openSmallTask({ threads: 1 });

async function openLoop(task: TrainingTask, config: TrainerConfig, most: number) {
  return LoopState.open(task.traced!, task.parameters, config, most);
}

/** Reports of all steps, and every tensor by its part and name. */
async function run(state: TrainingState, config: TrainerConfig, most: number) {
  const random = trainingRandom(config);
  const reports: StepReport[] = [];
  for (let done = 0; done < STEPS; done += most) {
    const count = Math.min(most, STEPS - done);
    reports.push(...(await takeSteps(state, config, done + 1, count, random)));
  }
  const { tensors } = state;
  const names = [...tensors.weights.keys()];
  const values = new Map(
    partsOf(tensors).flatMap((part) =>
      names.map((name) => [`${part} ${name}`, hostArray(tensors, part, name)] as const),
    ),
  );
  return { reports, values };
}

type Run = Awaited<ReturnType<typeof run>>;

/** Norm of the difference over the norm, of all tensors of a part. */
function difference(a: Run, b: Run, part: string): number {
  let [apart, size] = [0, 0];
  for (const [name, values] of a.values) {
    if (!name.startsWith(part)) continue;
    const others = b.values.get(name)!;
    values.forEach((value, i) => {
      apart += (value - others[i]!) ** 2;
      size += value ** 2;
    });
  }
  return Math.sqrt(apart / size);
}

afterEach(() => vi.restoreAllMocks());

describe('training in a loop', () => {
  it.each([
    ['with clipping, decay, warm-up and an average', {}],
    ['with micro-batches that are summed', { accumulation: 3 }],
    ['without clipping and average', { clipNorm: null, ema: null, decayVectors: true }],
  ])('takes the steps of the host %s', async (_, more) => {
    const config = configOf(more);
    const [first, second] = [await openTask(), await openTask()];
    const host = await run(new HostState(first, config), config, 1);
    const loop = await run(await openLoop(second, config, 8), config, 8);
    loop.reports.forEach((report, i) => {
      const { loss, gradientNorm, learningRate } = host.reports[i]!;
      expect(report.loss).toBeCloseTo(loss, 4);
      expect(report.gradientNorm / gradientNorm).toBeCloseTo(1, 3);
      expect(report.learningRate).toBe(learningRate);
    });
    for (const part of ['weight', 'first', 'second', ...(config.ema ? ['average'] : [])]) {
      expect(difference(host, loop, part), part).toBeLessThan(1e-4);
    }
  });

  it('gives the same bytes however many steps a run takes', async () => {
    const config = configOf();
    const whole = async (most: number): Promise<Run> =>
      run(await openLoop(await openTask(), config, most), config, most);
    const one = await whole(1);
    for (const most of [5, 7]) {
      const several = await whole(most);
      expect(several.values).toEqual(one.values);
      expect(several.reports).toEqual(one.reports);
    }
  });

  it('crosses to the device and back once for each run', async () => {
    const config = configOf();
    const state = await openLoop(await openTask(), config, 10);
    const runs = vi.spyOn(Session.prototype, 'run');
    await run(state, config, 10);
    expect(runs).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['loss', 'the loss is'],
    ['gradient', 'the gradient of all parameters together is not finite'],
  ])('leaves all as it was where a %s is not finite', async (what, message) => {
    const config = configOf({ clipNorm: null });
    const task = await openTask();
    let drawn = 0;
    const breaking: TracedTask = {
      ...task.traced!,
      draw: async (random) => {
        const feeds = await task.traced!.draw(random);
        // Its square is finite, and that of its gradient is not.
        const bad = what === 'loss' ? NaN : 1e17;
        return ++drawn === 3 ? { ...feeds, x: new Float32Array(64).fill(bad) } : feeds;
      },
    };
    const state = await LoopState.open(breaking, task.parameters, config, 5);
    const before = structuredClone(state.tensors);
    await expect(state.takeSteps(11, 5, trainingRandom(config))).rejects.toThrow(
      `step 13: ${message}`,
    );
    expect(state.tensors).toEqual(before);
  });

  it('is what the trainer uses, in runs that end where something is due, and goes on from a checkpoint', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'featinv-loop-'));
    const config = configOf({ stepsPerRun: 6, validateEvery: 10, checkpointEvery: 4 });
    const taken = vi.spyOn(LoopState.prototype, 'takeSteps');
    try {
      const at = (name: string): string => path.join(folder, name);
      const whole = await openTask();
      await train(whole, config, { directory: at('whole') });
      expect(taken.mock.calls.map(([, count]) => count)).toEqual([4, 4, 2, 2, 4, 4]);
      const parts = await openTask();
      await train(parts, { ...config, steps: 7, stepsPerRun: 3 }, { directory: at('parts') });
      const again = await openTask();
      await train(again, config, { directory: at('parts'), resume: true });
      expect(again.parameters).toEqual(whole.parameters);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
