/**
 * One shard of a feature cache: `NAME.safetensors` holds `maps` [n, C, H, W] as float16 and `logits` [n, classes] as
 * float32, `NAME.json` says whose they are. The index is written last: a shard without one is not there.
 */
import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { sha256OfFile } from '../checkpoints/file-hash.js';
import {
  floatBytes,
  safetensorsChunks,
  type TensorSource,
} from '../checkpoints/safetensors-writer.js';
import { openSafetensors } from '../checkpoints/safetensors.js';
import { InputError, WorkError } from '../errors.js';
import { writeAtomic } from '../files.js';
import { readConfig } from '../parse-config.js';
import type { PictureLabel } from './prepare-picture.js';

/** A picture's map [C, H, W] and logits [classes]. */
export interface PictureFeatures {
  /** Of the picture's bytes. */
  readonly sha256: string;
  /** Where the picture was when it was looked at. */
  readonly name: string;
  readonly label: PictureLabel | undefined;
  readonly map: Float32Array;
  readonly logits: Float32Array;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const indexSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Of the shard's file. */
  sha256: hash,
  bytes: z.int().min(1),
  /** In the order of the rows. */
  pictures: z
    .array(
      z.strictObject({
        sha256: hash,
        name: z.string(),
        cls: z.int().optional(),
        json: z.unknown().optional(),
      }),
    )
    .min(1),
});

export type ShardIndex = z.output<typeof indexSchema>;

export const indexName = (shard: string): string => `${shard}.json`;
export const dataName = (shard: string): string => `${shard}.safetensors`;

/** Equal pictures in equal order give the same name and, with the same maps, the same bytes. */
export async function writeShard(
  directory: string,
  shape: readonly number[],
  rows: readonly PictureFeatures[],
): Promise<string> {
  const names = createHash('sha256');
  for (const { sha256 } of rows) names.update(sha256);
  const shard = names.digest('hex').slice(0, 24);
  const count = rows.length;
  const tensors = new Map<string, TensorSource>([
    [
      'logits',
      tensorOf(
        'F32',
        [count, rows[0]!.logits.length],
        rows.map((row) => row.logits),
      ),
    ],
    [
      'maps',
      tensorOf(
        'F16',
        [count, ...shape],
        rows.map((row) => row.map),
      ),
    ],
  ]);
  const digest = createHash('sha256');
  let bytes = 0;
  function* counted(): Generator<Uint8Array> {
    for (const chunk of safetensorsChunks(tensors)) {
      digest.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  await writeAtomic(path.join(directory, dataName(shard)), counted());
  const index: ShardIndex = {
    schemaVersion: 1,
    sha256: digest.digest('hex'),
    bytes,
    pictures: rows.map(({ sha256, name, label }) => ({ sha256, name, ...label })),
  };
  await writeAtomic(path.join(directory, indexName(shard)), `${JSON.stringify(index)}\n`);
  return shard;
}

function tensorOf(
  dtype: 'F32' | 'F16',
  shape: readonly number[],
  values: readonly Float32Array[],
): TensorSource {
  return {
    dtype,
    shape,
    bytes: () => {
      const size = values[0]!.length;
      const all = new Float32Array(size * values.length);
      values.forEach((each, i) => all.set(each, i * size));
      if (!all.every(Number.isFinite)) {
        throw new WorkError(
          'the classifier gives values that are not finite: its weights may be damaged',
        );
      }
      return floatBytes(dtype === 'F16' ? 'maps' : 'logits', all, dtype);
    },
  };
}

/** Whose rows a shard holds. Throws InputError where the index or the size of the file is not what was written. */
export async function readShardIndex(directory: string, shard: string): Promise<ShardIndex> {
  const index = await readConfig(indexSchema, path.join(directory, indexName(shard)));
  const file = path.join(directory, dataName(shard));
  const found = await stat(file).catch(() => undefined);
  if (found?.size === index.bytes) return index;
  throw new InputError(
    found === undefined
      ? `${file} is missing`
      : `${file} has ${found.size} bytes instead of ${index.bytes}`,
  );
}

/** Throws InputError where a shard's bytes or shapes are not what its index says. */
export async function checkShard(
  directory: string,
  shard: string,
  { sha256, pictures }: ShardIndex,
  shape: readonly number[],
): Promise<void> {
  const file = path.join(directory, dataName(shard));
  if ((await sha256OfFile(file)) !== sha256) {
    throw new InputError(`${file} is not what was written: its hash is another one`);
  }
  const wanted = [pictures.length, ...shape].join(',');
  const found = openSafetensors(file).entries.get('maps')?.shape.join(',');
  if (found !== wanted) {
    throw new InputError(`${file} must hold maps [${wanted}], it has ${found ?? 'none'}`);
  }
}

/** Takes a shard that is not to be trusted out of use; what is left of it goes when it is written again. */
export async function removeShard(directory: string, shard: string): Promise<void> {
  await rm(path.join(directory, indexName(shard)), { force: true });
  await rm(path.join(directory, dataName(shard)), { force: true });
}
