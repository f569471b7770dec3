import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { WorkError } from '../errors.js';
import type { Random } from '../random.js';
import { AdamW } from './adamw.js';
import type { TrainTensors } from './checkpoint.js';
import type { TrainerConfig } from './config.js';
import { clipFactor, findNonFinite, globalNorm, GradientBuffer } from './gradient-buffer.js';
import { learningRateAt } from './learning-rate.js';
import type { TrainingTask } from './task.js';
import { WeightAverage } from './weight-average.js';

export interface StepReport {
  /** Mean over the micro-batches. */
  readonly loss: number;
  /** Means of the task's further numbers. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Norm of the averaged gradient before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** Takes optimiser steps: gradients of the micro-batches, clipping, AdamW, moving average. */
export class Optimizer {
  private readonly adamw: AdamW;
  private readonly buffer: GradientBuffer;
  private readonly average: WeightAverage | undefined;

  constructor(
    private readonly task: TrainingTask,
    private readonly config: TrainerConfig,
  ) {
    this.adamw = new AdamW(task.parameters, config);
    this.buffer = new GradientBuffer(task.parameters, config.accumulation);
    this.average = config.ema === null ? undefined : new WeightAverage(task.parameters, config.ema);
  }

  /** The arrays that steps work on. */
  get tensors(): TrainTensors {
    return {
      weights: this.task.parameters,
      moments: this.adamw.moments,
      average: this.average?.values,
    };
  }

  /** The weights to validate and release. */
  get released(): NamedTensors {
    return this.average?.values ?? this.task.parameters;
  }

  /**
   * Takes optimiser step number `step` (from 1). What it draws depends on `random`'s seed and `step`
   * alone. Throws WorkError, with all weights untouched, when the loss or a gradient is not finite.
   */
  async step(step: number, random: Random): Promise<StepReport> {
    const { accumulation, clipNorm } = this.config;
    const sums: Record<string, number> = {};
    let lossSum = 0;
    for (let part = 0; part < accumulation; part++) {
      const result = await this.task.gradients(random.fork(`step ${step} part ${part}`));
      if (!Number.isFinite(result.loss)) {
        throw new WorkError(`step ${step}: the loss is ${result.loss}${remedy}`);
      }
      lossSum += result.loss;
      for (const [name, value] of Object.entries(result.metrics ?? {})) {
        sums[name] = (sums[name] ?? 0) + value;
      }
      this.buffer.add(result.gradients);
    }
    const { gradients, averaging } = this.buffer.take();
    const gradientNorm = globalNorm(gradients) * averaging;
    if (!Number.isFinite(gradientNorm)) {
      const name = findNonFinite(gradients) ?? 'all parameters together';
      throw new WorkError(`step ${step}: the gradient of "${name}" is not finite${remedy}`);
    }
    const learningRate = learningRateAt(step, this.config);
    this.adamw.update(
      gradients,
      step,
      learningRate,
      averaging * clipFactor(gradientNorm, clipNorm),
    );
    this.average?.update(step);
    return {
      loss: lossSum * averaging,
      metrics: Object.fromEntries(
        Object.entries(sums).map(([name, sum]) => [name, sum * averaging]),
      ),
      gradientNorm,
      learningRate,
    };
  }
}

const remedy = '; the last checkpoint is kept, a lower learning rate or clipNorm may help';
