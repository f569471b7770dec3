import { existsSync } from 'node:fs';
import path from 'node:path';
import type { NamedTensors } from '../../checkpoints/named-tensors.js';
import { InputError } from '../../errors.js';
import { readJsonFile } from '../../parse-config.js';
import { checkResumable } from '../../training/config.js';
import { learningRateAt } from '../../training/learning-rate.js';
import { roundCount, type RoundsRunConfig } from '../../training/rounds/index.js';
import {
  prepareRunDirectory,
  runDirectory,
  writeSamples,
  type RunDirectory,
} from '../../training/run-directory.js';
import { readTrainingLog, TrainingLog } from '../../training/training-log.js';
import type { TrainingStatus } from '../../training/trainer.js';
import { DamagedPart } from './round-store.js';
import type { TrainingRounds } from './training-rounds.js';

export interface JournalOptions {
  /** The run's directory. */
  readonly directory: string;
  /** The whole configuration, stored with the run and compared when it goes on. */
  readonly resolved: Readonly<Record<string, unknown>>;
  /** Whether a run that the directory holds may go on. */
  readonly resume: boolean;
  readonly onValidation: (status: TrainingStatus) => void;
  readonly onNote: (line: string) => void;
}

/** What a run in rounds leaves in its directory: log, sample pictures and released weights, as plain training does. */
export class RoundsJournal {
  private readonly startedAt = performance.now();
  private validation: { step: number; metrics: Readonly<Record<string, number>> } | undefined;

  private constructor(
    private readonly run: RunDirectory,
    private readonly log: TrainingLog,
    private readonly config: RoundsRunConfig,
    private readonly rounds: TrainingRounds,
    private readonly options: JournalOptions,
    /** The last round in the log. */
    private logged: number,
    /** Wall-clock time of the processes before this one. */
    private readonly secondsBefore: number,
  ) {}

  /** Throws InputError for a directory that holds another run. */
  static async open(
    config: RoundsRunConfig,
    rounds: TrainingRounds,
    options: JournalOptions,
  ): Promise<RoundsJournal> {
    const { directory, resolved, resume } = options;
    const run = runDirectory(directory);
    const file = path.join(directory, 'config.json');
    if (existsSync(file)) {
      if (!resume) {
        throw new InputError(
          `${directory} already holds a run: resume it, or train in another directory`,
        );
      }
      checkResumable(directory, await readJsonFile(file), resolved);
    }
    await prepareRunDirectory(run, resolved);
    const end = config.trainer.steps;
    // A run that is finished once more is validated once more.
    const log = await TrainingLog.open(run.log, ({ type, step }) => type === 'step' || step < end);
    const last = (await readTrainingLog(run.log)).at(-1);
    const logged = Math.floor((last?.step ?? 0) / config.rounds.innerSteps);
    const seconds = Number(last?.['seconds'] ?? 0);
    return new RoundsJournal(run, log, config, rounds, options, logged, seconds);
  }

  /** Logs and validates the rounds up to `done` that have not been yet. */
  async catchUp(done: number): Promise<void> {
    const { validateEvery } = this.config.trainer;
    while (this.logged < done) {
      const round = this.logged + 1;
      const step = this.stepOf(round);
      const means = await this.rounds.means(round).catch(ignoreDamage);
      await this.log.append({
        ...{ type: 'step', step, images: this.images(step) },
        ...means,
        learningRate: learningRateAt(step, this.config.trainer),
        seconds: this.elapsed(),
      });
      this.logged = round;
      const isDue = validateEvery > 0 && crosses(this.stepOf(round - 1), step, validateEvery);
      // The last one is validated at the end; tensors of rounds that lie far back are gone.
      if (isDue && round === done && round < roundCount(this.config)) {
        const weights = await this.rounds.released(round).catch(ignoreDamage);
        if (weights) await this.validate(round, weights);
        else this.options.onNote(`round ${round} is not validated: its weights are gone`);
      }
    }
  }

  /** Validates and releases the last round's weights; returns their folder. Throws DamagedPart. */
  async finish(): Promise<string> {
    const last = roundCount(this.config);
    const weights = await this.rounds.released(last);
    await this.catchUp(last);
    await this.validate(last, weights);
    await (await this.rounds.opened()).save(weights, this.run.model);
    return this.run.model;
  }

  get status(): TrainingStatus {
    const step = this.stepOf(this.logged);
    return {
      ...{ step, images: this.images(step), seconds: this.elapsed() },
      validation: this.validation?.metrics ?? {},
    };
  }

  private async validate(round: number, weights: NamedTensors): Promise<void> {
    const step = this.stepOf(round);
    const { metrics, grids } = await (await this.rounds.opened()).validate(weights);
    await writeSamples(this.run, step, grids);
    await this.log.append({ type: 'validation', step, ...metrics, seconds: this.elapsed() });
    this.validation = { step, metrics };
    this.options.onValidation(this.status);
  }

  /** Steps of each worker. */
  private stepOf(round: number): number {
    return round * this.config.rounds.innerSteps;
  }

  /** Pictures that all workers have seen together. */
  private images(step: number): number {
    const { trainer, rounds } = this.config;
    return step * rounds.workers * trainer.batchSize * trainer.accumulation;
  }

  private elapsed(): number {
    return this.secondsBefore + (performance.now() - this.startedAt) / 1000;
  }
}

/** Whether there is a multiple of `every` after `before` up to `now`. */
const crosses = (before: number, now: number, every: number): boolean =>
  Math.floor(now / every) > Math.floor(before / every);

function ignoreDamage(error: unknown): undefined {
  if (error instanceof DamagedPart) return undefined;
  throw error;
}
