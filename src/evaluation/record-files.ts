/** Records of one batch as a file: numbers as JSON, features and cosines as tensors. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { HostTensor, NamedTensors } from '../checkpoints/named-tensors.js';
import { openSafetensors, writeSafetensors } from '../checkpoints/safetensors.js';
import { InputError } from '../errors.js';
import { parseConfig } from '../parse-config.js';
import type { EvaluationRecord, FeaturePair } from './evaluation-record.js';

const cosine = z.number();
const index = z.number().int().min(0);

const recordSchema = z.strictObject({
  index,
  name: z.string(),
  floor: cosine,
  ceiling: cosine,
  top1: z.strictObject({ original: index, reconstruction: index }),
  top1Match: z.boolean(),
  top5Match: z.boolean(),
  ssim: z.number(),
  mse: z.number(),
  transfer: z.array(z.strictObject({ cosine, floor: cosine, ceiling: cosine })),
  alteration: z
    .strictObject({
      cleanTop1: index,
      mapCosine: cosine,
      cosineWithClean: cosine,
      top5MatchClean: z.boolean(),
    })
    .optional(),
});

const batchSchema = z.strictObject({
  records: z.array(recordSchema),
  /** Names of the photographs that could not be read, and why. */
  failures: z.array(z.string()),
  /** Time that the batch took. */
  seconds: z.number(),
});

/** One batch of an evaluation, as stored. */
export interface StoredBatch {
  readonly records: readonly EvaluationRecord[];
  readonly failures: readonly string[];
  readonly seconds: number;
}

const FORMAT = 'featinv evaluation records 1';
const KINDS = ['pooled', 'inception'] as const;
const SIDES = ['original', 'reconstruction'] as const;

export async function writeRecords(file: string, batch: StoredBatch): Promise<void> {
  const { records, failures, seconds } = batch;
  const tensors: NamedTensors = new Map();
  tensors.set('cosines', stack(records.map(({ cosines }) => cosines)));
  for (const kind of KINDS) {
    if (records.some((record) => record[kind] === undefined)) continue;
    for (const side of SIDES) {
      tensors.set(`${kind}.${side}`, stack(records.map((record) => record[kind]![side])));
    }
  }
  const numbers = records.map(({ cosines, pooled, inception, ...rest }) => rest);
  const batchText = JSON.stringify({ records: numbers, failures, seconds });
  await writeSafetensors(file, tensors, { metadata: { format: FORMAT, batch: batchText } });
}

/** Throws InputError for a file that is none. */
export function readRecords(file: string): StoredBatch {
  const stored = openSafetensors(file);
  const text = stored.metadata.batch;
  if (stored.metadata.format !== FORMAT || text === undefined) {
    throw new InputError(`${file} holds no records of an evaluation by this version of featinv`);
  }
  const { records, failures, seconds } = parseConfig(batchSchema, parseJson(text, file), file);
  const rows = (name: string): Float32Array[] => unstack(stored.read(name), records.length);
  const pairs = (kind: (typeof KINDS)[number]): FeaturePair[] | undefined => {
    if (!stored.entries.has(`${kind}.original`)) return undefined;
    const [original, reconstruction] = SIDES.map((side) => rows(`${kind}.${side}`));
    return original!.map((row, i) => ({ original: row, reconstruction: reconstruction![i]! }));
  };
  const cosines = rows('cosines');
  const pooled = pairs('pooled');
  const inception = pairs('inception');
  if (pooled === undefined) throw new InputError(`${file} lacks the pooled features`);
  return {
    records: records.map((record, i) => ({
      ...record,
      cosines: cosines[i]!,
      pooled: pooled[i]!,
      inception: inception?.[i],
    })),
    failures,
    seconds,
  };
}

/** Throws InputError unless the records are those of images `indices`, with finite numbers. */
export function checkRecords(
  { records, failures }: StoredBatch,
  indices: readonly number[],
  file: string,
): void {
  const found = records.map(({ index }) => index);
  const expected = indices.filter((index) => found.includes(index));
  if (!isDeepStrictEqual(found, expected) || found.length + failures.length !== indices.length) {
    throw new InputError(
      `${file} must hold images ${indices[0]} to ${indices.at(-1)}, got ${found.join(', ') || 'none'}`,
    );
  }
  for (const { name, cosines, pooled, inception } of records) {
    const rows = [cosines, pooled.original, pooled.reconstruction];
    if (inception) rows.push(inception.original, inception.reconstruction);
    if (rows.every((row) => row.length > 0 && row.every(Number.isFinite))) continue;
    throw new InputError(`${file} holds numbers for ${name} that are not finite`);
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file} is damaged: its records are no valid JSON`, { cause: error });
  }
}

/** Rows of one length as [rows, length]. */
function stack(rows: readonly Float32Array[]): HostTensor {
  const width = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => data.set(row, i * width));
  return { shape: [rows.length, width], data };
}

function unstack(data: Float32Array, rows: number): Float32Array[] {
  const width = rows === 0 ? 0 : data.length / rows;
  return Array.from({ length: rows }, (_, i) => data.slice(i * width, (i + 1) * width));
}
