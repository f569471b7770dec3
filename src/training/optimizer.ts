import { WorkError } from '../errors.js';
import { Random } from '../random.js';
import type { TrainerConfig } from './config.js';
import { learningRateAt } from './learning-rate.js';
import type { StepReport, SteppedState, TrainingState } from './training-state.js';

/** The stream that all steps of a run draw from. */
export const trainingRandom = ({ seed }: TrainerConfig): Random =>
  new Random(seed).fork('training');

/**
 * Takes optimiser step number `step` (from 1): gradients of the micro-batches, clipping, AdamW, moving
 * average. What it draws depends on `random`'s seed and `step` alone. Throws WorkError, with all weights
 * untouched, when the loss or a gradient is not finite.
 */
export async function optimizerStep(
  state: SteppedState,
  config: TrainerConfig,
  step: number,
  random: Random,
): Promise<StepReport> {
  const { accumulation } = config;
  const sums: Record<string, number> = {};
  let lossSum = 0;
  for (let part = 0; part < accumulation; part++) {
    const { loss, metrics = {} } = await state.accumulate(randomOf(random, step, part));
    if (!Number.isFinite(loss)) throw lossError(step, loss);
    lossSum += loss;
    for (const [name, value] of Object.entries(metrics)) sums[name] = (sums[name] ?? 0) + value;
  }
  const learningRate = learningRateAt(step, config);
  const { gradientNorm, culprit } = await state.update(step, learningRate);
  if (!Number.isFinite(gradientNorm)) throw gradientError(step, culprit);
  return {
    loss: lossSum / accumulation,
    metrics: Object.fromEntries(
      Object.entries(sums).map(([name, sum]) => [name, sum / accumulation]),
    ),
    gradientNorm,
    learningRate,
  };
}

/** What one micro-batch of a step draws from. */
export const randomOf = (random: Random, step: number, part: number): Random =>
  random.fork(`step ${step} part ${part}`);

/** The most steps that a state takes at once. */
export const stepsPerRun = (state: TrainingState): number =>
  'takeSteps' in state ? state.stepsPerRun : 1;

/** Takes `count` optimiser steps, at most `stepsPerRun`, from number `first` (from 1) on; see `optimizerStep`. */
export async function takeSteps(
  state: TrainingState,
  config: TrainerConfig,
  first: number,
  count: number,
  random: Random,
): Promise<StepReport[]> {
  if ('takeSteps' in state) return state.takeSteps(first, count, random);
  const reports: StepReport[] = [];
  for (let i = 0; i < count; i++)
    reports.push(await optimizerStep(state, config, first + i, random));
  return reports;
}

export const lossError = (step: number, loss: number): WorkError =>
  new WorkError(`step ${step}: the loss is ${loss}${remedy}`);

/** `culprit`: the parameter whose gradient it is, where that is known. */
export function gradientError(step: number, culprit: string | undefined): WorkError {
  const name = culprit === undefined ? 'all parameters together' : `"${culprit}"`;
  return new WorkError(`step ${step}: the gradient of ${name} is not finite${remedy}`);
}

const remedy = '; the last checkpoint is kept, a lower learning rate or clipNorm may help';
