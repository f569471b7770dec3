import { InputError, WorkError } from '../../errors.js';
import {
  collectFeatures,
  FeatureCache,
  listPictures,
  DEFAULT_FEATURE_BATCH,
  type CollectedFeatures,
  type FeatureSet,
  type PictureEntry,
} from '../../features/index.js';
import { collectFeatureShards, planFeatures } from '../../work/index.js';
import { optional } from '../command.js';
import type { CommandContext } from '../context.js';
import { integer, text } from '../option-parsers.js';
import type { Helpers } from '../submit-work.js';

/** For commands that look at many pictures. */
export const CACHE_OPTIONS = {
  cache: optional(
    '--cache <dir>',
    'keep maps there, as float16, and look at each picture once; a stopped run goes on',
    text,
  ),
  batch: optional(
    '--batch <n>',
    'pictures that are looked at together (default: 8)',
    integer(1, 1024),
  ),
  decoders: optional(
    '--decoders <n>',
    'threads that decode pictures ahead (default: as many as --threads); 0: none',
    integer(0, 256),
  ),
};

export interface CacheChoice {
  /** As the user calls the classifier. */
  readonly backbone: string;
  readonly preprocessing: 'own' | 'featinv';
  readonly batch: number | undefined;
  readonly decoders: number | undefined;
}

export interface CachedFeatures extends CollectedFeatures {
  readonly cache: FeatureCache;
  readonly entries: readonly PictureEntry[];
  readonly seconds: number;
  /** Ctrl-C came before the last picture. */
  readonly isStopped: boolean;
}

/** Brings the maps of all pictures into a cache; those that cannot be read are told and left out. */
export async function cachedFeatures(
  set: FeatureSet,
  folder: string,
  places: readonly string[],
  choice: CacheChoice,
  context: CommandContext,
  helpers: Helpers | undefined,
): Promise<CachedFeatures> {
  const entries = await listPictures(places, (error) => context.fail(error));
  const cache = await FeatureCache.open(folder, set, (error) =>
    context.note(`featinv: ${error.message}`),
  );
  if (!helpers) context.keep(`maps so far are in ${cache.directory}; the same command goes on`);
  const progress = context.progress('look', { total: entries.length, unit: 'pictures' });
  const started = performance.now();
  const onProgress = (done: number): void => progress.update(done);
  const { batch, decoders } = choice;
  const collected = helpers
    ? await collectElsewhere(cache, entries, choice, context, helpers, onProgress)
    : await collectFeatures(cache, entries, {
        ...{ batch, decoders, session: context.session, signal: context.abortSignal() },
        onUnreadable: (error) => context.fail(error),
        onProgress,
      });
  progress.finish();
  const done = collected.hashes.length;
  const isStopped = done < entries.length;
  if (isStopped && !helpers) {
    context.note(
      `stopped after ${done} of ${entries.length} pictures; the same command goes on (${cache.directory})`,
    );
  }
  const seconds = (performance.now() - started) / 1000;
  return { ...collected, cache, entries, seconds, isStopped };
}

/** Has others look at all pictures. Without hashes where Ctrl-C ended the wait. */
async function collectElsewhere(
  cache: FeatureCache,
  entries: readonly PictureEntry[],
  { backbone, preprocessing, batch = DEFAULT_FEATURE_BATCH }: CacheChoice,
  context: CommandContext,
  { storage, complete }: Helpers,
  onProgress: (done: number) => void,
): Promise<CollectedFeatures> {
  const options = { backbone, preprocessing, batch };
  const plan = await planFeatures(storage, cache.set, entries, options);
  const before = cache.size;
  const hashes: (string | null)[] = [];
  const collected = new Set<number>();
  const isDone = await complete(
    'features',
    plan,
    (shared) => {
      const units = Array.from({ length: shared.units }, (_, unit) => unit);
      const missing = units.filter((unit) => !collected.has(unit));
      return collectFeatureShards(storage, shared, cache, missing, (unit, first, found, errors) => {
        collected.add(unit);
        found.forEach((hash, i) => (hashes[first + i] = hash));
        for (const error of errors) context.fail(new InputError(error));
      });
    },
    (parts, units) => onProgress(Math.floor((parts / units) * entries.length)),
  );
  if (!isDone) return { computed: 0, known: 0, unreadable: 0, hashes: [] };
  const unreadable = hashes.filter((hash) => hash === null).length;
  const computed = cache.size - before;
  return { computed, known: hashes.length - unreadable - computed, unreadable, hashes };
}

/** The map and logits of a picture that was just looked at. */
export async function readCached(
  cache: FeatureCache,
  sha256: string,
): Promise<{ map: Float32Array; logits: Float32Array }> {
  const found = await cache.read(sha256);
  if (found) return found;
  throw new WorkError(
    `${cache.directory} has lost maps while they were used: run the command again`,
  );
}
