/** The training loop: what happens when, whatever is trained. */
import { setImmediate } from 'node:timers/promises';

import { InputError } from '../errors.js';
import { Random } from '../random.js';
import { findNewestCheckpoint, type WholeCheckpoint } from './checkpoint-files.js';
import { readTrainState, restoreTensors, saveCheckpoint, type TrainState } from './checkpoint.js';
import { checkResumable, TRAINER_FIELD, type TrainerConfig } from './config.js';
import { Meters } from './meters.js';
import { openTrainingState } from './open-training-state.js';
import { stepsPerRun, takeSteps, trainingRandom } from './optimizer.js';
import {
  prepareRunDirectory,
  runDirectory,
  writeSamples,
  type RunDirectory,
} from './run-directory.js';
import type { TrainingTask } from './task.js';
import { TrainingLog, type LogLine } from './training-log.js';
import { releasedWeights, type StepReport, type TrainingState } from './training-state.js';

/** Where a run stands. */
export interface TrainingStatus {
  /** Optimiser steps done. */
  readonly step: number;
  /** Images seen. */
  readonly images: number;
  /** Wall-clock time of the run, over all processes. */
  readonly seconds: number;
  /** The latest validation; empty before the first. */
  readonly validation: Readonly<Record<string, number>>;
}

export interface TrainingProgress extends TrainingStatus, StepReport {
  /** Optimiser steps in all. */
  readonly steps: number;
  /** While training, validation not counted. */
  readonly imagesPerSecond: number;
  /** Until the last step, at the rate of this process. */
  readonly secondsLeft: number;
}

export interface TrainingOptions {
  /** The run's directory. */
  readonly directory: string;
  /** The task's resolved configuration, stored with the run and compared when it is resumed. */
  readonly taskConfig?: Readonly<Record<string, unknown>>;
  /** Go on from the newest whole checkpoint. Without it the directory must not hold any. */
  readonly resume?: boolean;
  /** Aborting it ends the run after the current step, or those that are taken with it, and a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onStart?: (status: TrainingStatus) => void;
  readonly onStep?: (progress: TrainingProgress) => void;
  readonly onValidation?: (status: TrainingStatus) => void;
  readonly onWarning?: (line: string) => void;
}

export interface TrainingResult extends TrainingStatus {
  /** Why the run ended here; all but `finished` can be resumed. */
  readonly reason: 'finished' | 'minutes' | 'interrupted';
  readonly checkpoint: string;
  /** Directory of the weights to release; undefined when interrupted. */
  readonly model: string | undefined;
}

/**
 * Trains the task's parameters in place. A run that is killed at any moment can be resumed from its last
 * checkpoint and ends, on the same machine and with as many threads, with bit-identical weights.
 * Throws InputError when it cannot start as asked and WorkError when a step fails.
 */
export async function train(
  task: TrainingTask,
  config: TrainerConfig,
  options: TrainingOptions,
): Promise<TrainingResult> {
  const run = new TrainingRun(task, config, options, await openTrainingState(task, config));
  await run.open();
  return run.finish(await run.loop());
}

class TrainingRun {
  private readonly startedAt = performance.now();
  /** Wall-clock time of the processes before this one. */
  private secondsBefore = 0;
  private readonly directory: RunDirectory;
  private readonly resolved: Record<string, unknown>;
  private log: TrainingLog | undefined;
  private state: TrainState;
  private meters: Meters;
  private random: Random;
  /** Step and directory of the newest checkpoint. */
  private saved: { step: number; directory: string } | undefined;
  /** Of this process: images and seconds of its steps, in all and since the last line of the log. */
  private readonly pace = { images: 0, seconds: 0, lineImages: 0, lineSeconds: 0 };

  constructor(
    private readonly task: TrainingTask,
    private readonly config: TrainerConfig,
    private readonly options: TrainingOptions,
    private readonly training: TrainingState,
  ) {
    this.directory = runDirectory(options.directory);
    this.resolved = { ...options.taskConfig, [TRAINER_FIELD]: config };
    this.random = trainingRandom(config);
    this.meters = new Meters();
    this.state = {
      step: 0,
      images: 0,
      seconds: 0,
      random: this.random.state(),
      meters: {},
      validation: null,
      config: this.resolved,
    };
  }

  /** Finds out where to begin and makes the directory ready. */
  async open(): Promise<void> {
    const { checkpoints, root, log } = this.directory;
    const warn = this.options.onWarning ?? (() => undefined);
    const checkpoint = await findNewestCheckpoint(checkpoints, warn);
    if (this.options.resume) {
      if (!checkpoint) {
        throw new InputError(`${root} holds no checkpoint to resume; start it without resuming`);
      }
      this.restore(checkpoint);
    } else if (checkpoint) {
      throw new InputError(
        `${root} already holds a run at step ${checkpoint.step}: resume it, or train in another directory`,
      );
    }
    await prepareRunDirectory(this.directory, this.resolved);
    const { step, validation } = this.state;
    this.log = await TrainingLog.open(
      log,
      (line) => step > 0 && isBefore(line, step, validation?.step === step),
    );
    this.options.onStart?.(this.status());
  }

  private restore(checkpoint: WholeCheckpoint): void {
    const state = readTrainState(checkpoint);
    checkResumable(this.directory.root, state.config, this.resolved);
    if (this.config.steps < state.step) {
      throw new InputError(
        `steps must be at least ${state.step}, where the run in ${this.directory.root} stands, got ${this.config.steps}`,
      );
    }
    restoreTensors(checkpoint, this.training.tensors);
    this.state = { ...state, config: this.resolved };
    this.random = Random.restore(state.random);
    this.meters = new Meters(state.meters);
    this.saved = { step: state.step, directory: checkpoint.directory };
    this.secondsBefore = state.seconds;
  }

  /** Steps until the end or a reason to stop earlier. */
  async loop(): Promise<TrainingResult['reason']> {
    const { steps, checkpointEvery } = this.config;
    // An interruption may have come between a step and its validation.
    await this.validateIfDue();
    while (this.state.step < steps) {
      await this.run();
      // Runs of the runtime hold the event loop: signals only get through here.
      await setImmediate();
      if (this.options.signal?.aborted) return 'interrupted';
      await this.validateIfDue();
      if (isDue(this.state.step, checkpointEvery)) await this.checkpoint();
      if (this.isOverTime() && this.state.step < steps) return 'minutes';
    }
    return 'finished';
  }

  /** Leaves the last checkpoint and, unless somebody waits at Ctrl-C, the weights to release. */
  async finish(reason: TrainingResult['reason']): Promise<TrainingResult> {
    if (reason !== 'interrupted' && this.state.validation?.step !== this.state.step) {
      await this.validate();
    }
    const checkpoint = await this.checkpoint();
    if (reason !== 'interrupted') {
      await this.task.save(releasedWeights(this.training.tensors), this.directory.model);
    }
    return {
      ...this.status(),
      reason,
      checkpoint,
      model: reason === 'interrupted' ? undefined : this.directory.model,
    };
  }

  /** Takes as many steps as the state takes at once, up to the next one that something follows. */
  private async run(): Promise<void> {
    const { steps, validateEvery, checkpointEvery } = this.config;
    const { step } = this.state;
    const until = Math.min(
      step + stepsPerRun(this.training),
      steps,
      nextDue(step, validateEvery),
      nextDue(step, checkpointEvery),
    );
    const began = performance.now();
    const count = until - step;
    const reports = await takeSteps(this.training, this.config, step + 1, count, this.random);
    const seconds = (performance.now() - began) / 1000;
    for (const report of reports) await this.count(report, seconds / count);
  }

  private async count(report: StepReport, seconds: number): Promise<void> {
    const { batchSize, accumulation, logEvery, steps } = this.config;
    const { state, pace, meters } = this;
    const images = batchSize * accumulation;
    state.step += 1;
    state.images += images;
    pace.images += images;
    pace.seconds += seconds;
    pace.lineImages += images;
    pace.lineSeconds += seconds;
    meters.add('loss', report.loss);
    meters.add('gradientNorm', report.gradientNorm);
    for (const [name, value] of Object.entries(report.metrics)) meters.add(name, value);
    if (state.step % logEvery === 0) await this.writeLine(report.learningRate);
    const imagesPerSecond = pace.images / pace.seconds;
    this.options.onStep?.({
      ...report,
      ...this.status(),
      steps,
      imagesPerSecond,
      secondsLeft: ((steps - state.step) * images) / imagesPerSecond,
    });
  }

  private async writeLine(learningRate: number): Promise<void> {
    const { pace, state } = this;
    await this.append({
      type: 'step',
      step: state.step,
      images: state.images,
      ...this.meters.means(),
      learningRate,
      imagesPerSecond: pace.lineImages / pace.lineSeconds,
      seconds: this.elapsed(),
      memoryMB: Math.round(process.memoryUsage.rss() / 1e6),
    });
    this.meters.clear();
    pace.lineImages = 0;
    pace.lineSeconds = 0;
  }

  private async validateIfDue(): Promise<void> {
    const { step, validation } = this.state;
    if (isDue(step, this.config.validateEvery) && validation?.step !== step) await this.validate();
  }

  private async validate(): Promise<void> {
    const { step } = this.state;
    await this.training.fetch();
    const { metrics, grids } = await this.task.validate(releasedWeights(this.training.tensors));
    await writeSamples(this.directory, step, grids);
    await this.append({ type: 'validation', step, ...metrics, seconds: this.elapsed() });
    this.state.validation = { step, metrics: { ...metrics } };
    this.options.onValidation?.(this.status());
  }

  /** Saves the run, unless its newest checkpoint is of this very step. */
  private async checkpoint(): Promise<string> {
    if (this.saved?.step === this.state.step) return this.saved.directory;
    this.state.seconds = this.elapsed();
    this.state.meters = this.meters.state();
    const { checkpoints } = this.directory;
    await this.training.fetch();
    const directory = await saveCheckpoint(checkpoints, this.state, this.training.tensors);
    this.saved = { step: this.state.step, directory };
    return directory;
  }

  private status(): TrainingStatus {
    const { step, images, validation } = this.state;
    return { step, images, seconds: this.elapsed(), validation: validation?.metrics ?? {} };
  }

  private elapsed(): number {
    return this.secondsBefore + (performance.now() - this.startedAt) / 1000;
  }

  private isOverTime(): boolean {
    const { maxMinutes } = this.config;
    return maxMinutes !== null && performance.now() - this.startedAt >= maxMinutes * 60_000;
  }

  private async append(line: LogLine): Promise<void> {
    await this.log!.append(line);
  }
}

/** Whether a line belongs to the part of the run that a checkpoint of `step` holds. */
function isBefore(line: LogLine, step: number, validated: boolean): boolean {
  return line.step < step || (line.step === step && (line.type === 'step' || validated));
}

/** The first step after `step` that is due. */
const nextDue = (step: number, every: number): number =>
  every > 0 ? (Math.floor(step / every) + 1) * every : Infinity;

function isDue(step: number, every: number): boolean {
  return every > 0 && step > 0 && step % every === 0;
}
