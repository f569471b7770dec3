/** Fills a feature cache from pictures. */
import os from 'node:os';
import type { BackboneSession } from '../backbones/index.js';
import type { InputError } from '../errors.js';
import type { SessionOptions } from '../runtime/session.js';
import type { FeatureCache } from './feature-cache.js';
import { openFeatureSession } from './feature-set.js';
import type { PictureEntry } from './list-pictures.js';
import { lookAtPictures, type LookedAt } from './look-at-pictures.js';
import { openPictureReader, type PictureReader } from './picture-reader.js';

export interface FillOptions {
  readonly onProgress?: ((done: number) => void) | undefined;
  readonly onUnreadable?: ((error: InputError) => void) | undefined;
  /** Stops between two batches; what is there is kept. */
  readonly signal?: AbortSignal | undefined;
}

export interface CollectFeaturesOptions extends FillOptions {
  readonly session?: SessionOptions;
  /** Pictures of one run. Default 8. */
  readonly batch?: number | undefined;
  /** Threads that decode; 0: none beside the one that computes. Default: `decodeThreads`. */
  readonly decoders?: number | undefined;
  /** Default: one with so many threads. It is closed in the end. */
  readonly reader?: PictureReader | undefined;
}

/** What looks at pictures. */
export interface OpenInstruments {
  /** For batches of `batch` pictures. */
  readonly session: BackboneSession;
  readonly reader: PictureReader;
  readonly batch: number;
}

export interface CollectedFeatures {
  /** Pictures that were looked at now. */
  readonly computed: number;
  /** Pictures whose maps were there, or that are there twice. */
  readonly known: number;
  readonly unreadable: number;
  /** By entry, in order; null for unreadable ones. Shorter than the entries where the signal stopped it. */
  readonly hashes: readonly (string | null)[];
}

export const DEFAULT_FEATURE_BATCH = 8;

/** As many as compute: what decoding leaves idle, the classifier takes, and the other way round. */
export const decodeThreads = ({ threads }: SessionOptions): number =>
  Math.min(16, threads ?? os.availableParallelism());

/** Looks at the pictures whose maps a cache lacks. Throws WorkError where the disk or the runtime fails. */
export async function collectFeatures(
  cache: FeatureCache,
  entries: readonly PictureEntry[],
  options: CollectFeaturesOptions = {},
): Promise<CollectedFeatures> {
  const { session: sessionOptions = {}, batch = DEFAULT_FEATURE_BATCH } = options;
  const { decoders = decodeThreads(sessionOptions) } = options;
  const { reader = openPictureReader(cache.set.preparation, decoders) } = options;
  try {
    const session = await openFeatureSession(cache.set, batch, sessionOptions);
    try {
      return await fillCache(cache, entries, { session, reader, batch }, options);
    } finally {
      await session.dispose();
    }
  } finally {
    await reader.close();
  }
}

/** `collectFeatures` with what is open already. */
export async function fillCache(
  cache: FeatureCache,
  entries: readonly PictureEntry[],
  { session, reader, batch }: OpenInstruments,
  { onProgress, onUnreadable, signal }: FillOptions = {},
): Promise<CollectedFeatures> {
  const counts = { new: 0, known: 0, unreadable: 0 };
  const hashes: (string | null)[] = [];
  const isKnown =
    cache.size === 0 ? undefined : (sha256: string): Promise<boolean> => cache.has(sha256);
  try {
    for await (const seen of lookAtPictures(entries, reader, session, { batch, isKnown })) {
      counts[seen.state]++;
      if (seen.state === 'new') await cache.add(seen.features);
      if (seen.state === 'unreadable') onUnreadable?.(seen.error);
      hashes.push(hashOf(seen));
      onProgress?.(hashes.length);
      if (signal?.aborted) break;
    }
  } finally {
    await cache.flush();
  }
  const { new: computed, known, unreadable } = counts;
  return { computed, known, unreadable, hashes };
}

function hashOf(seen: LookedAt): string | null {
  if (seen.state === 'unreadable') return null;
  return seen.state === 'known' ? seen.sha256 : seen.features.sha256;
}
