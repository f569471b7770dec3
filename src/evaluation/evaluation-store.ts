/**
 * An evaluation on disk: `run.json` says what is measured, `records/` holds one file for each batch. What
 * is there is not measured again, and the totals are made from these files alone: a run in one go, a
 * resumed one and merged shards agree to the last bit.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { InputError, WorkError } from '../errors.js';
import { fileErrorReason, writeAtomic } from '../files.js';
import { readConfig } from '../parse-config.js';
import type { EvaluationRecord } from './evaluation-record.js';
import { checkRecords, readRecords, writeRecords, type StoredBatch } from './record-files.js';

const whole = z.number().int().min(1);

export const evaluationPlanSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Images of the whole set. */
  images: whole,
  batchSize: whole,
  seed: z.number(),
  /** Part `index` of `count`, from 1: every count-th batch. */
  shard: z.strictObject({ index: whole, count: whole }),
  /** Where the photographs lay; does not decide what is measured. */
  folder: z.string(),
  /** Everything else that decides the records: model, sampling, photographs, judges. */
  settings: z.record(z.string(), z.unknown()),
});

/** What an evaluation measures, and which part of it. */
export type EvaluationPlan = z.infer<typeof evaluationPlanSchema>;

export const WHOLE = { index: 1, count: 1 } as const;

export class EvaluationStore {
  private constructor(
    readonly directory: string,
    readonly plan: EvaluationPlan,
  ) {}

  /** Begins or goes on. Throws InputError where the folder holds an evaluation of something else. */
  static async open(directory: string, plan: EvaluationPlan): Promise<EvaluationStore> {
    const file = planFile(directory);
    const own = JSON.parse(JSON.stringify(plan)) as EvaluationPlan;
    if (existsSync(file)) {
      const found = await readConfig(evaluationPlanSchema, file);
      const other = planDifference({ ...found, folder: '' }, { ...own, folder: '' });
      if (other !== undefined) {
        throw new InputError(
          `${directory} holds another evaluation (${other}); give another --out or remove the folder`,
        );
      }
    } else {
      await mkdir(path.join(directory, 'records'), { recursive: true }).catch((error: unknown) => {
        throw new WorkError(`cannot create ${directory}: ${fileErrorReason(error)}`);
      });
      await writeAtomic(file, `${JSON.stringify(own, null, 2)}\n`);
    }
    return new EvaluationStore(directory, own);
  }

  /** Of an earlier run. */
  static async read(directory: string): Promise<EvaluationStore> {
    const file = planFile(directory);
    if (!existsSync(file)) {
      throw new InputError(
        `${directory} holds no evaluation; give folders that "featinv evaluate --shard i/n --out" wrote`,
      );
    }
    return new EvaluationStore(directory, await readConfig(evaluationPlanSchema, file));
  }

  /** Numbers of the batches that belong to this part. */
  get batches(): number[] {
    const { images, batchSize, shard } = this.plan;
    const all = Array.from({ length: Math.ceil(images / batchSize) }, (_, i) => i);
    return all.filter((batch) => batch % shard.count === shard.index - 1);
  }

  /** Numbers of the batches that are still to be measured. */
  get missing(): number[] {
    return this.batches.filter((batch) => !this.has(batch));
  }

  indicesOf(batch: number): number[] {
    const { images, batchSize } = this.plan;
    const start = batch * batchSize;
    return Array.from({ length: Math.min(batchSize, images - start) }, (_, i) => start + i);
  }

  write(batch: number, stored: StoredBatch): Promise<void> {
    return writeRecords(this.recordsFile(batch), stored);
  }

  read(batch: number): StoredBatch {
    return readRecords(this.recordsFile(batch));
  }

  /** Takes files that another machine wrote for a batch. Throws InputError where they are not its records. */
  async accept(
    batch: number,
    records: Uint8Array | undefined,
    pictures: Uint8Array | undefined,
  ): Promise<void> {
    const file = this.recordsFile(batch);
    if (records === undefined) throw new InputError(`the records of ${file} are missing`);
    const arrived = path.join(path.dirname(file), `.arrived-${path.basename(file)}`);
    try {
      await writeAtomic(arrived, records);
      checkRecords(readRecords(arrived), this.indicesOf(batch), file);
      if (pictures !== undefined) await writeAtomic(this.picturesFile(batch), pictures);
      await rename(arrived, file);
    } finally {
      await rm(arrived, { force: true });
    }
  }

  /** The batches of this part; all must have been measured. */
  get held(): HeldBatch[] {
    return this.batches.map((batch) => ({ batch, store: this }));
  }

  has(batch: number): boolean {
    return existsSync(this.recordsFile(batch));
  }

  /** Where the pictures of a batch are kept, for those that are shown. */
  picturesFile(batch: number): string {
    return this.recordsFile(batch).replace(/safetensors$/, 'png');
  }

  /** The file whose presence says that a batch is measured. */
  recordsFile(batch: number): string {
    return path.join(this.directory, recordsName(batch));
  }
}

/** Where a batch's records lie in a store. */
export const recordsName = (batch: number): string =>
  `records/${String(batch).padStart(5, '0')}.safetensors`;

/** A batch and the store that holds its records. */
export interface HeldBatch {
  readonly batch: number;
  readonly store: EvaluationStore;
}

/**
 * All batches of the evaluation that some stores are parts of, in order, each once. Throws InputError
 * for parts of different evaluations, and where one is missing.
 */
export function joinStores(stores: readonly EvaluationStore[]): HeldBatch[] {
  const [first, ...others] = stores;
  if (first === undefined) throw new InputError('--merge needs the folders of all shards');
  const comparable = ({ plan }: EvaluationStore): EvaluationPlan => ({
    ...{ ...plan, folder: '' },
    shard: WHOLE,
  });
  for (const store of others) {
    const other = planDifference(comparable(store), comparable(first));
    if (other === undefined) continue;
    throw new InputError(
      `${store.directory} and ${first.directory} are parts of different evaluations (${other})`,
    );
  }
  const { images, batchSize } = first.plan;
  return Array.from({ length: Math.ceil(images / batchSize) }, (_, batch) => {
    const holders = stores.filter((store) => store.has(batch));
    if (holders.length === 0) throw missingBatch(batch, first, stores);
    return { batch, store: holders[0]! };
  });
}

function missingBatch(
  batch: number,
  { plan }: EvaluationStore,
  stores: readonly EvaluationStore[],
): InputError {
  const indices = `images ${batch * plan.batchSize + 1} to ${Math.min(plan.images, (batch + 1) * plan.batchSize)}`;
  const owner = stores.find((store) => store.batches.includes(batch));
  return new InputError(
    owner === undefined
      ? `no folder holds ${indices} of ${plan.images}: a shard is missing (given: ${shardNames(stores)})`
      : `${owner.directory} lacks ${indices} of ${plan.images}: run shard ${owner.plan.shard.index}/${owner.plan.shard.count} again, it goes on where it stopped`,
  );
}

const shardNames = (stores: readonly EvaluationStore[]): string =>
  stores.map(({ plan: { shard } }) => `${shard.index}/${shard.count}`).join(', ');

const planFile = (directory: string): string => path.join(directory, 'run.json');

/** The first field in which two plans differ, as a part of a sentence: `.sampling.steps 20, not 50`. */
export function planDifference(found: unknown, wanted: unknown, name = ''): string | undefined {
  if (isDeepStrictEqual(found, wanted)) return undefined;
  if (isRecord(found) && isRecord(wanted)) {
    for (const key of new Set([...Object.keys(found), ...Object.keys(wanted)])) {
      const inner = planDifference(found[key], wanted[key], name === '' ? key : `${name}.${key}`);
      if (inner !== undefined) return inner;
    }
  }
  return `${name.replace(/^settings\./, '')} ${JSON.stringify(found) ?? 'none'}, not ${JSON.stringify(wanted) ?? 'none'}`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The records of some batches, read again at each pass: features of many images would not fit in memory. */
export function recordsOf(batches: readonly HeldBatch[]): Iterable<EvaluationRecord> {
  return {
    *[Symbol.iterator]() {
      for (const { batch, store } of batches) yield* store.read(batch).records;
    },
  };
}

/** How long the batches took in all, in seconds, and which photographs could not be read. */
export function costsOf(batches: readonly HeldBatch[]): { seconds: number; failures: string[] } {
  const stored = batches.map(({ batch, store }) => store.read(batch));
  return {
    seconds: stored.reduce((sum, { seconds }) => sum + seconds, 0),
    failures: [...new Set(stored.flatMap(({ failures }) => failures))],
  };
}
