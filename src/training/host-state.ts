import type { Random } from '../random.js';
import { AdamW } from './adamw.js';
import type { TrainTensors } from './checkpoint.js';
import type { TrainerConfig } from './config.js';
import { clipFactor, findNonFinite, globalNorm, GradientBuffer } from './gradient-buffer.js';
import type { TrainingTask } from './task.js';
import type { MicroBatch, SteppedState, UpdateResult } from './training-state.js';
import { WeightAverage } from './weight-average.js';

/** Training in host memory: the task's own weights change in place. */
export class HostState implements SteppedState {
  private readonly adamw: AdamW;
  private readonly buffer: GradientBuffer;
  private readonly average: WeightAverage | undefined;

  constructor(
    private readonly task: TrainingTask,
    private readonly config: TrainerConfig,
    private readonly momentsSince = 0,
  ) {
    this.adamw = new AdamW(task.parameters, config);
    this.buffer = new GradientBuffer(task.parameters, config.accumulation);
    this.average = config.ema === null ? undefined : new WeightAverage(task.parameters, config.ema);
  }

  get tensors(): TrainTensors {
    return {
      weights: this.task.parameters,
      moments: this.adamw.moments,
      average: this.average?.values,
    };
  }

  async accumulate(random: Random): Promise<MicroBatch> {
    const result = await this.task.gradients(random);
    // A loss that is not finite ends the step; its gradients may be anything.
    if (Number.isFinite(result.loss)) this.buffer.add(result.gradients);
    return result;
  }

  async update(step: number, learningRate: number): Promise<UpdateResult> {
    const { gradients, averaging } = this.buffer.take();
    const gradientNorm = globalNorm(gradients) * averaging;
    if (!Number.isFinite(gradientNorm)) return { gradientNorm, culprit: findNonFinite(gradients) };
    const scale = averaging * clipFactor(gradientNorm, this.config.clipNorm);
    this.adamw.update(gradients, step - this.momentsSince, learningRate, scale);
    this.average?.update(step);
    return { gradientNorm };
  }

  async fetch(): Promise<void> {
    // Everything is here.
  }
}
