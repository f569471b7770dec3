import type { NamedTensors } from '../checkpoints/named-tensors.js';
import type { Random } from '../random.js';
import { freeBuffers } from '../runtime/free-buffers.js';
import { Session, type HostValues } from '../runtime/session.js';
import { updateCoefficients } from './adamw-graph.js';
import type { TrainTensors } from './checkpoint.js';
import type { TrainerConfig } from './config.js';
import { learningRateAt } from './learning-rate.js';
import { LOSS, metricName, nextName, NORM, slotName, TIMES, traceSteps } from './loop-graph.js';
import { gradientError, lossError, randomOf } from './optimizer.js';
import { hostArray, partsOf, startingTensors, type Part } from './state-parts.js';
import type { TracedTask } from './task.js';
import type { LoopedState, StepReport } from './training-state.js';

/**
 * Training by runs of several optimiser steps, ONNX's `Loop`: what a run is given and leaves crosses to the device and
 * back once, however many steps it takes. For devices whose results always return to the host, such as CUDA.
 */
export class LoopState implements LoopedState {
  private constructor(
    private readonly task: TracedTask,
    private readonly config: TrainerConfig,
    readonly tensors: TrainTensors,
    readonly stepsPerRun: number,
    private readonly session: Session,
    private readonly momentsSince: number,
  ) {}

  static async open(
    task: TracedTask,
    parameters: NamedTensors,
    config: TrainerConfig,
    stepsPerRun: number,
    momentsSince = 0,
  ): Promise<LoopState> {
    const tensors = startingTensors(parameters, config);
    const outputs = traceSteps(task, tensors, config, stepsPerRun);
    const session = await Session.compile(outputs, task.session);
    return new LoopState(task, config, tensors, stepsPerRun, session, momentsSince);
  }

  async takeSteps(first: number, count: number, random: Random): Promise<StepReport[]> {
    const { tensors, config } = this;
    const steps = Array.from({ length: count }, (_, i) => first + i);
    const rates = steps.map((step) => learningRateAt(step, config));
    const results = await this.session.run({
      [TIMES]: BigInt64Array.of(BigInt(count)),
      ...(await this.drawBatches(steps, random)),
      ...this.coefficients(steps, rates),
      ...Object.fromEntries(
        this.slots().map(({ part, name }) => [
          slotName(part, name),
          hostArray(tensors, part, name),
        ]),
      ),
    });
    const [losses, norms] = [results[LOSS]!, results[NORM]!];
    // The loop has ended with the first step that is not finite.
    losses.forEach((loss, i) => {
      if (!Number.isFinite(loss)) throw lossError(steps[i]!, loss);
      if (!Number.isFinite(norms[i])) throw gradientError(steps[i]!, undefined);
    });
    for (const { part, name } of this.slots()) {
      const values = results[nextName(part, name)]!;
      hostArray(tensors, part, name).set(values);
      freeBuffers([values]);
    }
    return steps.map((_, i) => ({
      loss: losses[i]!,
      metrics: Object.fromEntries(
        [...this.task.metrics.keys()].map((name) => [name, results[metricName(name)]![i]!]),
      ),
      gradientNorm: norms[i]!,
      learningRate: rates[i]!,
    }));
  }

  async fetch(): Promise<void> {
    // Every run leaves all here.
  }

  private slots(): { part: Part; name: string }[] {
    const names = [...this.tensors.weights.keys()];
    return partsOf(this.tensors).flatMap((part) => names.map((name) => ({ part, name })));
  }

  /** What the steps' micro-batches draw, one after another; zeros for steps that are not taken. */
  private async drawBatches(
    steps: readonly number[],
    random: Random,
  ): Promise<Record<string, HostValues>> {
    const { accumulation } = this.config;
    const stacked: Record<string, HostValues> = {};
    for (const [i, step] of steps.entries()) {
      for (let part = 0; part < accumulation; part++) {
        const drawn = await this.task.draw(randomOf(random, step, part));
        for (const [name, values] of Object.entries(drawn)) {
          const all = (stacked[name] ??= emptyLike(
            values,
            this.stepsPerRun * accumulation * values.length,
          ));
          all.set(values as never, (i * accumulation + part) * values.length);
        }
      }
    }
    return stacked;
  }

  private coefficients(
    steps: readonly number[],
    rates: readonly number[],
  ): Record<string, Float32Array> {
    const { config, momentsSince, stepsPerRun } = this;
    const stacked: Record<string, Float32Array> = {};
    steps.forEach((step, i) => {
      const at = { step, moments: step - momentsSince };
      const values = updateCoefficients(config, at, rates[i]!, config.accumulation);
      for (const [name, [value]] of Object.entries(values)) {
        (stacked[name] ??= new Float32Array(stepsPerRun))[i] = value!;
      }
    });
    return stacked;
  }
}

function emptyLike(values: HostValues, length: number): HostValues {
  const Values = values.constructor as new (length: number) => HostValues;
  return new Values(length);
}
