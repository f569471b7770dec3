import path from 'node:path';
import { WorkError } from '../../errors.js';
import { TrainingRecord } from '../../inversion/training-record.js';
import type { TrainingConfig } from '../../inversion/training-tasks.js';
import type { SessionOptions } from '../../runtime/session.js';
import { openStorage } from '../../storage/index.js';
import { TRAINER_FIELD } from '../../training/config.js';
import type { TrainingStatus } from '../../training/trainer.js';
import {
  roundCount,
  ROUNDS_FIELD,
  weightsUnit,
  type RoundsRunConfig,
} from '../../training/rounds/index.js';
import {
  DamagedPart,
  planTraining,
  RoundsJournal,
  RoundStore,
  sharePlan,
  trainHere,
  TrainingRounds,
} from '../../work/index.js';
import type { CommandContext } from '../context.js';
import { formatDuration, type Progress } from '../progress.js';
import { withHelpers, type Helpers, type QueueChoice } from '../submit-work.js';
import { describeMetrics } from './describe-metrics.js';

export interface RoundsChoice {
  readonly directory: string;
  readonly resume: boolean;
  /** The command line that goes on with the run. */
  readonly again: string;
  readonly session: SessionOptions;
  readonly options: QueueChoice;
}

/** A configuration that has rounds. */
type RoundsConfig = TrainingConfig & RoundsRunConfig;

const KIND = 'training';

/** Damaged results are made again so often. */
const ATTEMPTS = 3;

/** Trains as the configuration's rounds say: in this process, or by the workers of a queue. */
export async function trainInRounds(
  config: RoundsConfig,
  choice: RoundsChoice,
  context: CommandContext,
): Promise<void> {
  const { workers, innerSteps } = config.rounds;
  const { steps, batchSize, accumulation } = config.trainer;
  context.note(
    `${config.type}: ${workers} workers × ${steps} steps of ${batchSize * accumulation} images ` +
      `in ${roundCount(config)} rounds of ${innerSteps}, into ${choice.directory}`,
  );
  const { model, status, isElsewhere } = await withHelpers(choice.options, context, (helpers) =>
    run(config, choice, context, helpers),
  );
  const { directory, again } = choice;
  const reason = model === undefined ? 'interrupted' : 'finished';
  context.report({ directory, ...status, reason, model }, () =>
    model === undefined
      ? `interrupted; go on with: ${again}${isElsewhere ? '' : ' --resume'}`
      : [
          `finished after ${status.step} steps of ${workers} workers and ${formatDuration(status.seconds)}`,
          `validation: ${describeMetrics(status.validation)}`,
          `weights:    ${model}`,
        ].join('\n'),
  );
}

interface RoundsOutcome {
  /** Folder of the released weights; undefined where the run was interrupted. */
  readonly model: string | undefined;
  readonly status: TrainingStatus;
  readonly isElsewhere: boolean;
}

async function run(
  config: RoundsConfig,
  { directory, resume, session }: RoundsChoice,
  context: CommandContext,
  helpers: Helpers | undefined,
): Promise<RoundsOutcome> {
  const plan = helpers && (await planTraining(helpers.storage, config));
  const storage = helpers?.storage ?? (await openStorage(path.join(directory, 'rounds')));
  const results = helpers ? (await sharePlan(storage, KIND, plan)).results : 'results';
  const store = new RoundStore(storage, results);
  const record = new TrainingRecord(config);
  const signal = context.abortSignal();
  const onNote = (line: string): void => context.note(line);
  const progress = new StepProgress(config, context);
  const rounds = new TrainingRounds(store, config, {
    openTask: (shard) => config.open({ session, shard, record: () => record.toJson() }),
    onStep: (worker, step) => progress.onStep(worker, step),
    ...{ onNote, signal },
  });
  const journal = await RoundsJournal.open(config, rounds, {
    directory,
    resolved: resolvedConfig(config),
    resume: resume || helpers !== undefined,
    onValidation: (status) => {
      record.status = status;
      context.note(`validation at step ${status.step}: ${describeMetrics(status.validation)}`);
    },
    onNote,
  });
  let model: string | undefined;
  /** Why the results cannot be released, if so; what is damaged counts as never done. */
  const release = async (): Promise<string[]> => {
    try {
      model = await journal.finish();
      return [];
    } catch (error) {
      if (!(error instanceof DamagedPart)) throw error;
      await store.forget(error.unit);
      return [error.message];
    }
  };
  if (helpers) {
    await helpers.complete(KIND, plan, release, (units) => {
      progress.onUnits(units);
      return journal.catchUp(roundsOf(units, config));
    });
  } else {
    await completeHere(
      () =>
        trainHere(store, rounds, config, { signal, onRound: (round) => journal.catchUp(round) }),
      release,
      onNote,
    );
  }
  progress.finish();
  return { model, status: journal.status, isElsewhere: helpers !== undefined };
}

/** As workers are followed: what is refused is made again. */
async function completeHere(
  train: () => Promise<boolean>,
  release: () => Promise<readonly string[]>,
  onNote: (line: string) => void,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (!(await train())) return;
    const [refused] = await release();
    if (refused === undefined) return;
    onNote(`${refused}; it is refused and made again`);
  }
  throw new WorkError('results are damaged again and again: is the disk in order?');
}

/** Whole rounds among the first `units` parts. */
const roundsOf = (units: number, { rounds: { workers } }: RoundsRunConfig): number =>
  Math.max(0, Math.floor((units - 1) / (workers + 1)));

/** Progress in steps of all workers together. */
class StepProgress {
  private progress: Progress | undefined;

  constructor(
    private readonly config: RoundsConfig,
    private readonly context: CommandContext,
  ) {}

  /** A worker has done so many steps since the first round. */
  onStep(worker: number, step: number): void {
    const { workers, innerSteps } = this.config.rounds;
    const rounds = Math.floor((step - 1) / innerSteps);
    this.show((rounds * (workers - 1) + worker) * innerSteps + step);
  }

  /** So many parts are done. */
  onUnits(units: number): void {
    const { workers, innerSteps } = this.config.rounds;
    const rounds = roundsOf(units, this.config);
    const inner = Math.max(0, units - weightsUnit(workers, rounds) - 1);
    this.show((rounds * workers + inner) * innerSteps);
  }

  finish(): void {
    this.progress?.finish();
  }

  private show(steps: number): void {
    const { type, trainer, rounds } = this.config;
    const total = trainer.steps * rounds.workers;
    this.progress ??= this.context.progress(type, { total, unit: 'steps', start: steps });
    this.progress.update(steps);
  }
}

const resolvedConfig = ({ task, trainer, rounds }: RoundsConfig): Record<string, unknown> => ({
  ...task,
  [TRAINER_FIELD]: trainer,
  [ROUNDS_FIELD]: rounds,
});
