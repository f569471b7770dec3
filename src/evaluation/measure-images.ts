import { InputError } from '../errors.js';
import type { MapShape, RgbPixels } from '../metrics/index.js';
import { cosineMap, mean, meanSquaredError, ssim, topIndices } from '../metrics/index.js';
import { Random } from '../random.js';
import { readPartner, type EvaluationImage, type EvaluationImages } from './evaluation-images.js';
import type { EvaluationRecord, ImageCosines } from './evaluation-record.js';

/** What the classifier makes of one image. */
export interface Look {
  /** Feature map [C, H, W] at the inverted layer. */
  readonly map: Float32Array;
  /** Logits or probabilities over classes. */
  readonly scores: Float32Array;
  /** Pooled features, [D]. */
  readonly pooled: Float32Array;
}

/** What is evaluated: a classifier, an inverter of its maps, and the inverter's autoencoder. */
export interface EvaluationSubject {
  readonly mapShape: MapShape;
  look(images: readonly RgbPixels[]): Promise<readonly Look[]>;
  /** One picture for each map; `seeds[i]` alone decides the noise of picture i. */
  reconstruct(
    maps: readonly Float32Array[],
    seeds: readonly number[],
  ): Promise<readonly RgbPixels[]>;
  /** The autoencoder's copy of each image. */
  roundTrip(images: readonly RgbPixels[]): Promise<readonly RgbPixels[]>;
}

/** A second classifier's opinion: the same cosines in maps that the inverter does not know. */
export interface Judge {
  readonly backbone: string;
  readonly layer: string;
  judge(pictures: MeasuredPictures): Promise<readonly ImageCosines[]>;
}

/** The pictures of one batch, one of each kind for each image. */
export interface MeasuredPictures {
  readonly originals: readonly RgbPixels[];
  readonly reconstructions: readonly RgbPixels[];
  /** The autoencoder's. */
  readonly copies: readonly RgbPixels[];
  /** The images of other photographs that the floor compares with. */
  readonly others: readonly RgbPixels[];
}

/** Everything that measures. */
export interface Instruments {
  readonly subject: EvaluationSubject;
  readonly judges: readonly Judge[];
  /** Pool3 features [2048] of pictures; undefined without Inception's weights. */
  readonly inception?:
    ((pictures: readonly RgbPixels[]) => Promise<readonly Float32Array[]>) | undefined;
}

export interface MeasuredBatch {
  readonly records: EvaluationRecord[];
  readonly pictures: MeasuredPictures;
  /** One for each image that could not be read, and has no record. */
  readonly failures: readonly InputError[];
}

/**
 * Measures some images of a set. An image's noise and its partner for the floor depend on the seed and
 * its index only, so parts of a set measured apart agree with the whole.
 */
export async function measureBatch(
  { subject, judges, inception }: Instruments,
  images: EvaluationImages,
  wanted: readonly number[],
  seed: number,
): Promise<MeasuredBatch> {
  const { items, indices, failures } = await readImages(images, wanted);
  const none = { originals: [], reconstructions: [], copies: [], others: [] };
  if (items.length === 0) return { records: [], pictures: none, failures };
  const streams = indices.map((index) => new Random(seed).fork(`image ${index}`));
  const seeds = streams.map((stream) => stream.int(2 ** 32));
  const others: RgbPixels[] = [];
  for (const [i, index] of indices.entries()) {
    others.push(await readPartner(images, index, streams[i]!));
  }

  const originals = items.map(({ image }) => image);
  const looks = await subject.look(originals);
  const reconstructions = await subject.reconstruct(
    looks.map(({ map }) => map),
    seeds,
  );
  const seen = await subject.look(reconstructions);
  const copies = await subject.roundTrip(originals);
  const copyLooks = await subject.look(copies);
  const otherLooks = await subject.look(others);
  const cleanLooks = await lookAtClean(subject, items);
  const pictures = { originals, reconstructions, copies, others };
  const opinions: (readonly ImageCosines[])[] = [];
  for (const judge of judges) opinions.push(await judge.judge(pictures));
  const inceptions = inception && {
    originals: await inception(originals),
    reconstructions: await inception(reconstructions),
  };

  const records = indices.map((index, i): EvaluationRecord => {
    const [look, sight, clean] = [looks[i]!, seen[i]!, cleanLooks[i]];
    const cosines = (a: Look, b: Look): Float64Array => cosineMap(a.map, b.map, subject.mapShape);
    const [original, ...top] = [first(look), ...topIndices(sight.scores, 5)];
    return {
      index,
      name: items[i]!.name,
      cosines: Float32Array.from(cosines(look, sight)),
      floor: mean(cosines(look, otherLooks[i]!)),
      ceiling: mean(cosines(look, copyLooks[i]!)),
      top1: { original, reconstruction: top[0]! },
      top1Match: original === top[0],
      top5Match: top.includes(original),
      ssim: ssim(originals[i]!, reconstructions[i]!),
      mse: meanSquaredError(originals[i]!.data, reconstructions[i]!.data),
      transfer: opinions.map((opinion) => opinion[i]!),
      alteration: clean && {
        cleanTop1: first(clean),
        mapCosine: mean(cosines(clean, look)),
        cosineWithClean: mean(cosines(clean, sight)),
        top5MatchClean: top.includes(first(clean)),
      },
      pooled: { original: look.pooled, reconstruction: sight.pooled },
      inception: inceptions && {
        original: inceptions.originals[i]!,
        reconstruction: inceptions.reconstructions[i]!,
      },
    };
  });
  return { records, pictures, failures };
}

const first = ({ scores }: Look): number => topIndices(scores, 1)[0]!;

async function readImages(
  images: EvaluationImages,
  wanted: readonly number[],
): Promise<{ items: EvaluationImage[]; indices: number[]; failures: InputError[] }> {
  const items: EvaluationImage[] = [];
  const indices: number[] = [];
  const failures: InputError[] = [];
  for (const index of wanted) {
    try {
      items.push(await images.read(index));
      indices.push(index);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      failures.push(error);
    }
  }
  return { items, indices, failures };
}

/** Looks at the pictures before their alteration; undefined for those that were not altered. */
async function lookAtClean(
  subject: EvaluationSubject,
  items: readonly EvaluationImage[],
): Promise<readonly (Look | undefined)[]> {
  const altered = items.flatMap(({ clean }) => (clean ? [clean] : []));
  if (altered.length === 0) return items.map(() => undefined);
  const looks = [...(await subject.look(altered))];
  return items.map(({ clean }) => clean && looks.shift());
}
