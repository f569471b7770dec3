/**
 * Compiled graphs on disk: what ONNX Runtime has made of a graph, fused, folded and in the layouts of this processor,
 * for the next process that needs the same one.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import type { EmittedModel } from '../onnx/emit.js';

type Options = ort.InferenceSession.SessionOptions;

/** Of all graphs together. */
const MOST_BYTES = 2 ** 30;
/** A graph that maps more than this from files is not kept: the copy would hold it all. */
const MOST_WEIGHT_BYTES = 2 ** 27;
/** Smaller graphs compile faster than they are found. */
const LEAST_MODEL_BYTES = 2 ** 16;

/**
 * Creates the session of an emitted model, from `directory` if it was created there before. A file that cannot be
 * read counts as missing, and a folder that cannot be written to as full: only time is lost.
 */
export async function createCached(
  model: EmittedModel,
  options: Options,
  directory: string,
): Promise<ort.InferenceSession> {
  const create = (more: Options = {}): Promise<ort.InferenceSession> =>
    ort.InferenceSession.create(model.bytes, { ...options, ...more });
  const key = await keyOf(model, options);
  if (key === undefined) return create();
  const file = path.join(directory, `${key}.onnx`);
  const known = await load(file, options);
  if (known !== undefined) return known;
  const partial = path.join(directory, `${key}.${randomUUID().slice(0, 8)}.partial`);
  try {
    await mkdir(directory, { recursive: true });
    const session = await create({ optimizedModelFilePath: partial });
    await rename(partial, file);
    await makeRoom(directory, MOST_BYTES);
    return session;
  } catch {
    await rm(partial, { force: true }).catch(() => undefined);
    return create();
  }
}

async function load(file: string, options: Options): Promise<ort.InferenceSession | undefined> {
  try {
    const now = new Date();
    await utimes(file, now, now);
    // It is optimised already.
    return await ort.InferenceSession.create(file, {
      ...options,
      graphOptimizationLevel: 'disabled',
    });
  } catch {
    return undefined;
  }
}

/** Names the graph, the contents of its files, and who compiled it for which processor; undefined if it is not kept. */
async function keyOf(
  { bytes, externalFiles }: EmittedModel,
  { graphOptimizationLevel }: Options,
): Promise<string | undefined> {
  if (bytes.length < LEAST_MODEL_BYTES) return undefined;
  const hash = createHash('sha256').update(bytes);
  let weights = 0;
  for (const file of externalFiles) {
    const { size, mtimeMs, ino } = await stat(file);
    weights += size;
    hash.update(JSON.stringify([file, size, mtimeMs, ino]));
  }
  if (weights > MOST_WEIGHT_BYTES) return undefined;
  const processor = [os.arch(), os.cpus()[0]?.model];
  hash.update(JSON.stringify([ort.env.versions.node, processor, graphOptimizationLevel]));
  return hash.digest('hex').slice(0, 32);
}

/** Removes what was used least recently until the others take no more than `most` bytes. */
export async function makeRoom(directory: string, most: number): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.onnx'));
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(directory, name);
      const found = await stat(file).catch(() => undefined);
      return { file, size: found?.size ?? 0, used: found?.mtimeMs ?? 0 };
    }),
  );
  let total = 0;
  for (const { file, size } of files.sort((a, b) => b.used - a.used)) {
    total += size;
    if (total > most) await rm(file, { force: true });
  }
}
