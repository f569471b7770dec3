/** A training run as its folder tells it, whoever trains. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../errors.js';
import { listSteps } from '../../training/checkpoint-files.js';
import { runDirectory } from '../../training/run-directory.js';
import { readTrainingLog, type LogLine } from '../../training/training-log.js';
import type { TrainingPoint, TrainingRun } from '../api.js';

const SAMPLE = /^step-(\d{6,})-[\w-]{1,60}\.png$/;

export interface RunFolder {
  readonly type: string;
  readonly about: string;
  readonly step: number;
  readonly steps: number;
  readonly changedAt: Date;
  readonly settings: TrainingRun['settings'];
  readonly points: readonly TrainingPoint[];
  readonly samples: TrainingRun['samples'];
  /** Folder of the released weights, where there are some. */
  readonly model: string | undefined;
  readonly hasCheckpoint: boolean;
}

/** Undefined where the folder holds no run. */
export async function readRunFolder(root: string): Promise<RunFolder | undefined> {
  const folder = runDirectory(root);
  const config = await readFile(path.join(root, 'config.json'), 'utf8').catch(absent);
  if (config === undefined) return undefined;
  const settings = parseSettings(config);
  if (!settings) return undefined;
  const points = (await readTrainingLog(folder.log)).map(pointOf);
  const samples = (await readdir(folder.samples).catch(absent)) ?? [];
  const changed = await stat(folder.log).catch(() => stat(root));
  const released = (await readdir(folder.model).catch(absent)) ?? [];
  return {
    ...settings,
    step: points.reduce((last, { step }) => Math.max(last, step), 0),
    changedAt: changed.mtime,
    points,
    samples: samples
      .sort()
      .map((file) => ({ step: Number(SAMPLE.exec(file)?.[1]), file }))
      .filter(({ step }) => !Number.isNaN(step)),
    model: released.length > 0 ? folder.model : undefined,
    hasCheckpoint: (await listSteps(folder.checkpoints)).length > 0,
  };
}

/** One of a run's sample pictures; undefined where it has none of that name. */
export async function readSample(root: string, file: string): Promise<Uint8Array | undefined> {
  if (!SAMPLE.test(file)) return undefined;
  return readFile(path.join(runDirectory(root).samples, file)).catch(absent);
}

type Settings = Pick<RunFolder, 'type' | 'about' | 'steps' | 'settings'>;

/** What a run's configuration says; undefined where it is none. */
function parseSettings(text: string): Settings | undefined {
  let config: Record<string, unknown>;
  try {
    config = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { type, backbone, layer, pooled, trainer } = config;
  if (typeof type !== 'string' || typeof trainer !== 'object' || trainer === null) return undefined;
  const of = trainer as Record<string, unknown>;
  const shown = ['steps', 'batchSize', 'accumulation', 'learningRate', 'schedule', 'seed'] as const;
  const settings = shown.flatMap((name) => {
    const value = of[name];
    return typeof value === 'number' || typeof value === 'string' ? [[name, value] as const] : [];
  });
  return {
    type,
    about:
      type === 'inverter'
        ? `${String(backbone)} · ${String(layer)}${pooled ? ' · pooled' : ''}`
        : '',
    steps: typeof of['steps'] === 'number' ? of['steps'] : 0,
    settings: Object.fromEntries(settings),
  };
}

function pointOf({ type, step, ...rest }: LogLine): TrainingPoint {
  const values = Object.entries(rest).filter((entry): entry is [string, number] => {
    return typeof entry[1] === 'number';
  });
  return { type, step, values: Object.fromEntries(values) };
}

function absent(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
  throw error;
}
