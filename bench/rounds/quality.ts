/** How well training in rounds learns, and what goes through the storage for it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../src/errors.js';
import { writeAtomic } from '../../src/files.js';
import { parseTrainingConfig, type TrainingConfig } from '../../src/inversion/training-tasks.js';
import { packageRoot } from '../../src/package-root.js';
import { readJsonFile } from '../../src/parse-config.js';
import type { SessionOptions } from '../../src/runtime/session.js';
import { openStorage } from '../../src/storage/index.js';
import {
  partOf,
  roundCount,
  roundStages,
  type RoundsRunConfig,
} from '../../src/training/rounds/index.js';
import { train, type TrainingStatus } from '../../src/training/trainer.js';
import { RoundsJournal, RoundStore, TrainingRounds } from '../../src/work/index.js';
import { CountedStorage } from './counted-storage.js';

/** With two or three rounds the paper's momentum of 0.9 would still be swinging. */
const ROUNDS = {
  ...{ workers: 4, innerSteps: 150, outerLearningRate: 0.7, outerMomentum: 0.3 },
  innerState: 'fresh',
};

interface Variant {
  /** Of each worker. */
  readonly steps: number;
  readonly rounds?: object;
  /** Another variant, whose model it begins with. */
  readonly after?: string;
}

/** What takes the place of fields of transfer.json. */
const VARIANTS: Readonly<Record<string, Variant>> = {
  single: { steps: 1200 },
  'single-300': { steps: 300 },
  rounds: { steps: 300, rounds: ROUNDS },
  'rounds-fp16': { steps: 300, rounds: { ...ROUNDS, deltas: 'fp16' } },
  // As the paper begins: with a model that has been trained for a while.
  'single-more': { steps: 1280, after: 'single' },
  'rounds-more': {
    ...{ steps: 320, after: 'single' },
    rounds: { ...ROUNDS, innerSteps: 160, deltas: 'fp16' },
  },
};

export interface QualityRow {
  readonly variant: string;
  /** Of all workers together. */
  readonly steps: number;
  readonly cosine: number;
  readonly gapClosed: number;
  /** Bytes that all workers together read and wrote; null without rounds. */
  readonly traffic: number | null;
  /** Bytes of one copy of the weights. */
  readonly weights: number;
}

/** Trains a variant in `directory`, or goes on with it. Undefined where the signal ended it. */
export async function measureQuality(
  variant: string,
  directory: string,
  session: SessionOptions,
  signal: AbortSignal,
): Promise<QualityRow | undefined> {
  const config = await variantConfig(variant, path.dirname(directory));
  const { rounds } = config;
  const outcome = rounds
    ? await trainRounds({ ...config, rounds }, directory, session, signal)
    : await trainPlain(config, directory, session, signal);
  if (outcome === undefined) return undefined;
  const { status, traffic, weights } = outcome;
  const { cosine, gapClosed } = status.validation as { cosine: number; gapClosed: number };
  const steps = config.trainer.steps * (rounds?.workers ?? 1);
  const row: QualityRow = { variant, steps, cosine, gapClosed, traffic, weights };
  await writeAtomic(`${directory}.json`, `${JSON.stringify(row)}\n`);
  return row;
}

async function variantConfig(variant: string, folder: string): Promise<TrainingConfig> {
  const changes = VARIANTS[variant];
  if (changes === undefined) {
    throw new InputError(`there is no variant "${variant}": ${Object.keys(VARIANTS).join(', ')}`);
  }
  const file = path.join(packageRoot(), 'bench', 'rounds', 'transfer.json');
  const content = (await readJsonFile(file)) as { trainer: object };
  const { steps, rounds, after } = changes;
  const startFrom = after && path.join(folder, after, 'model');
  return parseTrainingConfig(
    {
      ...content,
      trainer: { ...content.trainer, steps },
      ...(rounds && { rounds }),
      ...(startFrom && { startFrom }),
    },
    file,
  );
}

interface Outcome {
  readonly status: TrainingStatus;
  readonly traffic: number | null;
  readonly weights: number;
}

async function trainPlain(
  config: TrainingConfig,
  directory: string,
  session: SessionOptions,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const task = await config.open({ session, record: () => ({}) });
  const resume = existsSync(path.join(directory, 'config.json'));
  const result = await train(task, config.trainer, {
    ...{ directory, taskConfig: config.task, resume, signal },
    onStep: ({ step }) => process.stderr.write(`\rstep ${step}`),
  });
  if (result.reason !== 'finished') return undefined;
  return { status: result, traffic: null, weights: bytesOf(task.parameters.values()) };
}

async function trainRounds(
  config: TrainingConfig & RoundsRunConfig,
  directory: string,
  session: SessionOptions,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const storage = new CountedStorage(await openStorage(path.join(directory, 'rounds')));
  const store = new RoundStore(storage, 'results');
  const onNote = (line: string): void => void process.stderr.write(`${line}\n`);
  const rounds = new TrainingRounds(store, config, {
    openTask: (shard) => config.open({ session, shard, record: () => ({}) }),
    onStep: (worker, step) => process.stderr.write(`\rworker ${worker} step ${step}`),
    ...{ onNote, signal },
  });
  const journal = await RoundsJournal.open(config, rounds, {
    ...{ directory, resolved: { ...config.task, trainer: config.trainer, rounds: config.rounds } },
    ...{ resume: true, onNote, onValidation: () => undefined },
  });
  const file = path.join(directory, 'traffic.json');
  const traffic = existsSync(file) ? ((await readJsonFile(file)) as Record<string, number>) : {};
  const { workers } = config.rounds;
  for (const unit of roundStages(workers, roundCount(config)).flat()) {
    if (await store.isDone(unit)) continue;
    storage.bytesRead = storage.bytesWritten = 0;
    await rounds.run(unit);
    if (signal.aborted) return undefined;
    traffic[`${partOf(workers, unit).type} ${unit}`] = storage.bytesRead + storage.bytesWritten;
    await writeAtomic(file, JSON.stringify(traffic));
  }
  await journal.finish();
  return {
    status: journal.status,
    traffic: Object.values(traffic).reduce((sum, bytes) => sum + bytes, 0),
    weights: bytesOf((await rounds.opened()).parameters.values()),
  };
}

const bytesOf = (tensors: Iterable<{ readonly data: Float32Array }>): number =>
  [...tensors].reduce((sum, { data }) => sum + data.byteLength, 0);
