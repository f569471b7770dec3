import type { Random } from '../../random.js';
import type { TrainTensors } from '../checkpoint.js';
import { Meters } from '../meters.js';
import { openTrainingState } from '../open-training-state.js';
import { stepsPerRun, takeSteps, trainingRandom } from '../optimizer.js';
import type { TrainingTask } from '../task.js';
import { setImmediate } from 'node:timers/promises';
import type { RoundsRunConfig } from './rounds-config.js';

export interface InnerRunOptions {
  /** From 1. */
  readonly round: number;
  /** From 0. */
  readonly worker: number;
  /** Fills in what the worker brings from its last round: moments and average. */
  readonly restore: (tensors: TrainTensors) => void;
  readonly onStep?: ((step: number) => void) | undefined;
  /** Ends the run after the current step; it must be done again from its beginning. */
  readonly signal?: AbortSignal | undefined;
}

export interface InnerResult {
  readonly tensors: TrainTensors;
  /** Means over the steps, such as `loss`. */
  readonly means: Readonly<Record<string, number>>;
}

/**
 * One worker's part of a round: AdamW steps from the weights that the task holds. What comes out depends on these,
 * on what `restore` fills in, on the configuration and on round and worker alone. Undefined where the signal ended it.
 */
export async function innerRun(
  task: TrainingTask,
  config: RoundsRunConfig,
  { round, worker, restore, onStep, signal }: InnerRunOptions,
): Promise<InnerResult | undefined> {
  const { trainer, rounds } = config;
  const before = (round - 1) * rounds.innerSteps;
  const state = await openTrainingState(task, trainer, rounds.innerState === 'fresh' ? before : 0);
  restore(state.tensors);
  const random = workerRandom(config, worker);
  const meters = new Meters();
  const end = before + rounds.innerSteps;
  for (let done = before; done < end;) {
    const count = Math.min(stepsPerRun(state), end - done);
    for (const report of await takeSteps(state, trainer, done + 1, count, random)) {
      const { loss, gradientNorm, metrics } = report;
      const values = { loss, gradientNorm, ...metrics };
      for (const [name, value] of Object.entries(values)) meters.add(name, value);
      done += 1;
      onStep?.(done);
    }
    // Runs of the runtime hold the event loop: signals only get through here.
    await setImmediate();
    if (signal?.aborted) return undefined;
  }
  await state.fetch();
  return { tensors: state.tensors, means: meters.means() };
}

/** A stream for each worker, from which every step forks its own; a single one draws as plain training does. */
function workerRandom({ trainer, rounds }: RoundsRunConfig, worker: number): Random {
  const random = trainingRandom(trainer);
  return rounds.workers === 1 ? random : random.fork(`worker ${worker}`);
}
