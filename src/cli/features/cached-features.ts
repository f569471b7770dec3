import {
  collectFeatures,
  FeatureCache,
  listPictures,
  type CollectedFeatures,
  type FeatureSet,
  type PictureEntry,
} from '../../features/index.js';
import { optional } from '../command.js';
import type { CommandContext } from '../context.js';
import { integer, text } from '../option-parsers.js';

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
  { batch, decoders }: CacheChoice,
  context: CommandContext,
): Promise<CachedFeatures> {
  const entries = await listPictures(places, (error) => context.fail(error));
  const cache = await FeatureCache.open(folder, set, (error) =>
    context.note(`featinv: ${error.message}`),
  );
  context.keep(`maps so far are in ${cache.directory}; the same command goes on`);
  const progress = context.progress('look', { total: entries.length, unit: 'pictures' });
  const started = performance.now();
  const collected = await collectFeatures(cache, entries, {
    ...{ batch, decoders, session: context.session, signal: context.abortSignal() },
    onUnreadable: (error) => context.fail(error),
    onProgress: (done) => progress.update(done),
  });
  progress.finish();
  const done = collected.hashes.length;
  const isStopped = done < entries.length;
  if (isStopped) {
    context.note(
      `stopped after ${done} of ${entries.length} pictures; the same command goes on (${cache.directory})`,
    );
  }
  const seconds = (performance.now() - started) / 1000;
  return { ...collected, cache, entries, seconds, isStopped };
}
