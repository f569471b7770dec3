/** The pipeline from picture files to maps: threads decode ahead, the classifier runs on full batches, in order. */
import type { BackboneSession } from '../backbones/index.js';
import { InputError } from '../errors.js';
import type { PictureFeatures } from './cache-shard.js';
import type { PictureEntry } from './list-pictures.js';
import type { PictureReader } from './picture-reader.js';
import type { PreparedPicture } from './prepare-picture.js';

export type LookedAt =
  | { readonly entry: PictureEntry; readonly state: 'new'; readonly features: PictureFeatures }
  /** Its map was there. */
  | { readonly entry: PictureEntry; readonly state: 'known'; readonly sha256: string }
  | { readonly entry: PictureEntry; readonly state: 'unreadable'; readonly error: InputError };

export interface LookOptions {
  /** Pictures of one run; the last run is filled up. */
  readonly batch: number;
  /** Whether a picture need not be looked at, by the hash of its bytes; asked before it is decoded. */
  readonly isKnown?: ((sha256: string) => Promise<boolean>) | undefined;
}

type Ready = { readonly sha256: string } | PreparedPicture | { readonly error: InputError };

/** Batches that are read ahead of the one that the classifier looks at. */
const BATCHES_AHEAD = 3;
/** Outcomes that wait for a picture before them, where most are known. */
const MOST_HELD = 1000;

/**
 * Looks at pictures in their order. At most `BATCHES_AHEAD` batches of pictures are in memory, however many entries
 * there are. A picture that is there twice is looked at once. Throws WorkError where a thread or the runtime fails.
 */
export async function* lookAtPictures(
  entries: readonly PictureEntry[],
  reader: PictureReader,
  session: BackboneSession,
  { batch, isKnown }: LookOptions,
): AsyncGenerator<LookedAt, void, undefined> {
  const ahead: Promise<Ready>[] = [];
  const seen = new Set<string>();
  /** In order; those without an outcome yet wait for the classifier. */
  let held: (LookedAt | Waiting)[] = [];
  let waiting: Waiting[] = [];
  const run = async (): Promise<LookedAt[]> => {
    const features = await runBatch(session, batch, waiting);
    const done = held.map((each): LookedAt => {
      if (!('pixels' in each)) return each;
      return { entry: each.entry, state: 'new', features: features[waiting.indexOf(each)]! };
    });
    held = [];
    waiting = [];
    return done;
  };
  for (const [i, entry] of entries.entries()) {
    for (
      let next = i + ahead.length;
      next < Math.min(entries.length, i + batch * BATCHES_AHEAD);
      next++
    ) {
      const reading = readEntry(reader, entries[next]!, isKnown);
      // Told when its turn comes.
      reading.catch(() => undefined);
      ahead.push(reading);
    }
    const ready = await ahead.shift()!;
    if ('error' in ready) held.push({ entry, state: 'unreadable', error: ready.error });
    else if (!('pixels' in ready) || seen.has(ready.sha256)) {
      held.push({ entry, state: 'known', sha256: ready.sha256 });
    } else {
      seen.add(ready.sha256);
      const waits: Waiting = { entry, ...ready };
      held.push(waits);
      waiting.push(waits);
    }
    if (waiting.length === batch || (waiting.length > 0 && held.length >= MOST_HELD))
      yield* await run();
    else if (waiting.length === 0) yield* held.splice(0) as LookedAt[];
  }
  if (waiting.length > 0) yield* await run();
}

type Waiting = PreparedPicture & { readonly entry: PictureEntry };

/** Never rejects with what is wrong with the picture itself. */
async function readEntry(
  reader: PictureReader,
  entry: PictureEntry,
  isKnown: LookOptions['isKnown'],
): Promise<Ready> {
  try {
    if (isKnown) {
      const sha256 = await reader.hash(entry);
      if (await isKnown(sha256)) return { sha256 };
    }
    return await reader.prepare(entry);
  } catch (error) {
    if (error instanceof InputError) return { error };
    throw error;
  }
}

async function runBatch(
  session: BackboneSession,
  batch: number,
  pictures: readonly Waiting[],
): Promise<PictureFeatures[]> {
  const stride = pictures[0]!.pixels.length;
  const images = new Float32Array(batch * stride);
  pictures.forEach(({ pixels }, i) => images.set(pixels, i * stride));
  const { map, logits } = await session.run(images);
  const row = (values: Float32Array, i: number): Float32Array => {
    const size = values.length / batch;
    return values.subarray(i * size, (i + 1) * size);
  };
  return pictures.map(({ entry: { name }, sha256, label }, i) => ({
    ...{ name, sha256, label },
    map: row(map, i),
    logits: row(logits, i),
  }));
}
