/** What a training run is about to do and what it needs, in lines for a person. */
import os from 'node:os';
import type { TrainingConfig } from '../../inversion/training-tasks.js';
import type { TrainerConfig } from '../../training/config.js';
import type { TrainingTask } from '../../training/task.js';
import { showBytes } from '../machine-memory.js';

export interface PlannedRun {
  readonly config: Pick<TrainingConfig, 'type' | 'trainer'>;
  readonly task: Pick<TrainingTask, 'parameters' | 'memory' | 'validationMemory'>;
  readonly directory: string;
  readonly threads: number | undefined;
}

/** Bytes of memory: what this process holds now, and what the machine has. */
export interface MachineMemory {
  readonly held: number;
  readonly machine: number;
}

/** A line for the work, one for the memory, and a warning where the machine has less. */
export function describePlan(run: PlannedRun, memory: MachineMemory): string[] {
  const { type, trainer } = run.config;
  const { batchSize, accumulation, steps } = trainer;
  const batch = accumulation > 1 ? `${batchSize} × ${accumulation}` : `${batchSize}`;
  const millions = (weightCount(run.task) / 1e6).toFixed(2);
  const threads = run.threads ?? os.availableParallelism();
  return [
    `${type}: ${millions} M parameters, ${steps} steps of ${batch} images, ${threads} threads, into ${run.directory}`,
    ...describeMemory(run, memory),
  ];
}

function describeMemory({ config, task }: PlannedRun, { held, machine }: MachineMemory): string[] {
  const { trainer } = config;
  const weights = 4 * weightCount(task);
  const copies = weightCopies(trainer);
  const parts = [`${showBytes(copies * weights)} for ${copies} copies of the weights`];
  // The weights are there already.
  let total = held + (copies - 1) * weights;
  let mapped = 0;
  const sessions = [
    { need: task.memory, purpose: `a step of ${trainer.batchSize} images` },
    { need: task.validationMemory, purpose: 'validation' },
  ];
  for (const { need, purpose } of sessions) {
    if (need === undefined) continue;
    parts.push(`${showBytes(need.total)} for ${purpose}`);
    total += need.total;
    mapped += need.weights;
  }
  const files = mapped > 0 ? `; ${showBytes(mapped)} of it stay in the weights’ files` : '';
  const line = `memory: about ${showBytes(total)}: ${parts.join(', ')}${files}`;
  if (total <= machine) return [line];
  const slow = 'frozen weights will be read again and again, which is slow';
  const stop = 'the system may end the run, or slow it down by swapping';
  return [
    line,
    `warning: the machine has ${showBytes(machine)}: ${total - mapped <= machine ? slow : stop}; ` +
      `less is needed with ${savings(trainer).join(', ')}`,
  ];
}

/** Weights, gradients and two moments, the moving average and the sums of micro-batches. */
const weightCopies = ({ ema, accumulation }: TrainerConfig): number =>
  4 + (ema === null ? 0 : 1) + (accumulation > 1 ? 1 : 0);

const weightCount = ({ parameters }: Pick<TrainingTask, 'parameters'>): number =>
  [...parameters.values()].reduce((sum, { data }) => sum + data.length, 0);

/** Settings that are left to save memory. */
function savings({ recompute, batchSize, ema, accumulation }: TrainerConfig): string[] {
  return [
    ...(recompute ? [] : ['"recompute": true']),
    ...(batchSize > 1 ? ['a smaller "batchSize"'] : []),
    ...(accumulation > 1 ? ['"accumulation": 1'] : []),
    ...(ema === null ? [] : ['"ema": null']),
    'a smaller model',
  ];
}
