import { InputError } from '../errors.js';
import type { MapShape, RgbPixels } from '../metrics/index.js';
import {
  cosineMap,
  matchesTop1,
  matchesTop5,
  mean,
  meanSquaredError,
  ssim,
} from '../metrics/index.js';
import { Random } from '../random.js';
import type { EvaluationRecord } from './evaluation-record.js';

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

/** The images of an evaluation, read when needed so that any number of them fits in memory. */
export interface EvaluationImages {
  readonly count: number;
  /** The photograph that image `index` is cut from; the floor compares different photographs. */
  source(index: number): string;
  read(index: number): Promise<{ readonly name: string; readonly image: RgbPixels }>;
}

export interface MeasureOptions {
  readonly seed: number;
  /** Images sampled at a time. Results do not depend on it, up to rounding in the kernels. */
  readonly batchSize: number;
  /** Which images, for a part of a set; all by default. */
  readonly indices?: readonly number[];
  /** Is shown the pictures of each batch, for further measures and for grids. */
  readonly observe?: (batch: MeasuredPictures) => Promise<void>;
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

/**
 * Measures images one batch after the other, in order. An image's seed and its partner for the
 * floor depend on the seed and its index only, so parts of a set measured apart agree with the whole.
 */
export async function* measureImages(
  subject: EvaluationSubject,
  images: EvaluationImages,
  { seed, batchSize, indices, observe }: MeasureOptions,
): AsyncGenerator<EvaluationRecord> {
  const chosen = indices ?? Array.from({ length: images.count }, (_, i) => i);
  for (let start = 0; start < chosen.length; start += batchSize) {
    const batch = chosen.slice(start, start + batchSize);
    yield* await measureBatch(subject, images, batch, seed, observe);
  }
}

async function measureBatch(
  subject: EvaluationSubject,
  images: EvaluationImages,
  indices: readonly number[],
  seed: number,
  observe: MeasureOptions['observe'],
): Promise<EvaluationRecord[]> {
  const streams = indices.map((index) => new Random(seed).fork(`image ${index}`));
  const seeds = streams.map((stream) => stream.int(2 ** 32));
  const read = (list: readonly number[]): ReturnType<EvaluationImages['read']>[] =>
    list.map((index) => images.read(index));
  const items = await Promise.all(read(indices));
  const partners = indices.map((index, i) => partnerOf(index, images, streams[i]!));
  const others = (await Promise.all(read(partners))).map(({ image }) => image);

  const originals = items.map(({ image }) => image);
  const looks = await subject.look(originals);
  const maps = looks.map(({ map }) => map);
  const pictures = await subject.reconstruct(maps, seeds);
  const pictureLooks = await subject.look(pictures);
  const copies = await subject.roundTrip(originals);
  const copyLooks = await subject.look(copies);
  const otherLooks = await subject.look(others);
  await observe?.({ originals, reconstructions: pictures, copies, others });

  return indices.map((index, i) => {
    const [look, pictureLook] = [looks[i]!, pictureLooks[i]!];
    const cosinesWith = ({ map }: Look): Float64Array => cosineMap(look.map, map, subject.mapShape);
    return {
      index,
      name: items[i]!.name,
      cosines: cosinesWith(pictureLook),
      floor: mean(cosinesWith(otherLooks[i]!)),
      ceiling: mean(cosinesWith(copyLooks[i]!)),
      top1Match: matchesTop1(look.scores, pictureLook.scores),
      top5Match: matchesTop5(look.scores, pictureLook.scores),
      ssim: ssim(originals[i]!, pictures[i]!),
      mse: meanSquaredError(originals[i]!.data, pictures[i]!.data),
      pooled: { original: look.pooled, reconstruction: pictureLook.pooled },
    };
  });
}

/** A random image of another photograph. */
function partnerOf(index: number, images: EvaluationImages, random: Random): number {
  const source = images.source(index);
  const start = random.int(images.count);
  for (let step = 0; step < images.count; step++) {
    const candidate = (start + step) % images.count;
    if (images.source(candidate) !== source) return candidate;
  }
  throw new InputError(
    `evaluation: every image comes from ${source}; the floor needs images of at least two photographs`,
  );
}
