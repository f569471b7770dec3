/** A training in rounds whose workers are anywhere. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { listImages } from '../images/list-images.js';
import { parseTrainingConfig, type TrainingConfig } from '../inversion/training-tasks.js';
import type { Storage } from '../storage/index.js';
import { trainerSchema } from '../training/config.js';
import {
  roundCount,
  roundsSchema,
  roundStages,
  type RoundsRunConfig,
} from '../training/rounds/index.js';
import { receiptName } from './receipts.js';
import { RoundStore, TrainingRounds } from './rounds/index.js';
import { openSharedFiles, shareFiles } from './shared-files.js';
import { filesBelow } from './shared-model.js';
import { workKind } from './work-kind.js';

/** Fields of tasks that name places on the machine that submits, and what lies there. */
const PLACES = {
  'data.photographs': 'images',
  'data.stamps': 'images',
  'data.heldOut': 'images',
  base: 'models',
  startFrom: 'models',
} as const;

const planSchema = z.strictObject({
  /** The task's own fields without those that name places. */
  task: z.record(z.string(), z.unknown()),
  /** By field: the key of a list of files, and where it is one file, its name. */
  places: z.record(z.string(), z.strictObject({ files: z.string(), name: z.string().nullable() })),
  trainer: trainerSchema,
  rounds: roundsSchema,
});

type TrainingWork = z.infer<typeof planSchema>;
type Place = TrainingWork['places'][string];

export const trainingWork = workKind<TrainingWork>({
  name: 'training',
  schema: planSchema,
  units: (plan) => stagesOf(plan).flat().length,
  stages: stagesOf,
  resultName: (_, unit) => receiptName(unit),
  async open(plan, { storage, results, session, note }) {
    const config = await localConfig(storage, plan);
    return new TrainingRounds(new RoundStore(storage, results), plan, {
      openTask: (shard) => config.open({ session, shard, record: () => ({}) }),
      onNote: note,
    });
  },
});

/** The plan for workers. */
export async function planTraining(
  storage: Storage,
  { task, trainer, rounds }: Pick<TrainingConfig, 'task'> & RoundsRunConfig,
): Promise<TrainingWork> {
  const places: Record<string, Place> = {};
  let rest: Record<string, unknown> = { ...task };
  for (const [field, kind] of Object.entries(PLACES)) {
    const place = valueAt(task, field);
    if (typeof place !== 'string') continue;
    places[field] = await sharePlace(storage, kind, place);
    rest = withValue(rest, field, undefined);
  }
  // What only decides when a run reports changes no result.
  const reports = { validateEvery: 0, checkpointEvery: 0, logEvery: 1 };
  return { task: rest, places, trainer: { ...trainer, ...reports }, rounds };
}

function stagesOf(plan: TrainingWork): number[][] {
  return roundStages(plan.rounds.workers, roundCount(plan));
}

/** The configuration with places on this machine. */
async function localConfig(storage: Storage, plan: TrainingWork): Promise<TrainingConfig> {
  const { trainer, rounds } = plan;
  let { task } = plan;
  for (const [field, place] of Object.entries(plan.places)) {
    task = withValue(task, field, await fetchPlace(storage, place));
  }
  return parseTrainingConfig({ ...task, trainer, rounds }, 'the training that was submitted');
}

async function sharePlace(
  storage: Storage,
  kind: 'images' | 'models',
  place: string,
): Promise<Place> {
  if ((await stat(place)).isFile()) {
    const files = await shareFiles(storage, kind, { root: path.dirname(place), files: [place] });
    return { files, name: path.basename(place) };
  }
  const files =
    kind === 'images'
      ? await listImages(place)
      : (await filesBelow(place)).map((name) => path.join(place, name));
  return { files: await shareFiles(storage, kind, { root: place, files }), name: null };
}

async function fetchPlace(storage: Storage, { files: key, name }: Place): Promise<string> {
  const { root, files, fetch } = await openSharedFiles(storage, key);
  for (const file of files) await fetch(file);
  return name === null ? root : path.join(root, name);
}

type Fields = Record<string, unknown>;

/** Of a field such as `data.stamps`. */
function valueAt(fields: Fields, field: string): unknown {
  return field.split('.').reduce<unknown>((inner, key) => (inner as Fields)?.[key], fields);
}

/** With the field set; without it where the value is undefined. */
function withValue(fields: Fields, field: string, value: unknown): Fields {
  const [key = '', ...rest] = field.split('.');
  if (rest.length > 0) {
    return { ...fields, [key]: withValue(fields[key] as Fields, rest.join('.'), value) };
  }
  const { [key]: _, ...others } = fields;
  return value === undefined ? others : { ...others, [key]: value };
}
