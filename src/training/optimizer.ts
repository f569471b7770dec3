import { WorkError } from '../errors.js';
import { Random } from '../random.js';
import type { TrainerConfig } from './config.js';
import { learningRateAt } from './learning-rate.js';
import type { TrainingState } from './training-state.js';

export interface StepReport {
  /** Mean over the micro-batches. */
  readonly loss: number;
  /** Means of the task's further numbers. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Norm of the averaged gradient before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** The stream that all steps of a run draw from. */
export const trainingRandom = ({ seed }: TrainerConfig): Random =>
  new Random(seed).fork('training');

/**
 * Takes optimiser step number `step` (from 1): gradients of the micro-batches, clipping, AdamW, moving
 * average. What it draws depends on `random`'s seed and `step` alone. Throws WorkError, with all weights
 * untouched, when the loss or a gradient is not finite.
 */
export async function optimizerStep(
  state: TrainingState,
  config: TrainerConfig,
  step: number,
  random: Random,
): Promise<StepReport> {
  const { accumulation } = config;
  const sums: Record<string, number> = {};
  let lossSum = 0;
  for (let part = 0; part < accumulation; part++) {
    const { loss, metrics = {} } = await state.accumulate(random.fork(`step ${step} part ${part}`));
    if (!Number.isFinite(loss)) {
      throw new WorkError(`step ${step}: the loss is ${loss}${remedy}`);
    }
    lossSum += loss;
    for (const [name, value] of Object.entries(metrics)) sums[name] = (sums[name] ?? 0) + value;
  }
  const learningRate = learningRateAt(step, config);
  const { gradientNorm, culprit } = await state.update(step, learningRate);
  if (!Number.isFinite(gradientNorm)) {
    const name = culprit === undefined ? 'all parameters together' : `"${culprit}"`;
    throw new WorkError(`step ${step}: the gradient of ${name} is not finite${remedy}`);
  }
  return {
    loss: lossSum / accumulation,
    metrics: Object.fromEntries(
      Object.entries(sums).map(([name, sum]) => [name, sum / accumulation]),
    ),
    gradientNorm,
    learningRate,
  };
}

const remedy = '; the last checkpoint is kept, a lower learning rate or clipNorm may help';
