/** From one feature map to pictures that are compared with it: what `reconstruct` and `demo` report. */
import { isTraceable, topPredictions, type Prediction } from '../backbones/index.js';
import type { RgbImage } from '../images/rgb-image.js';
import { cosineMap, matchesTop5, summariseCosines } from '../metrics/index.js';
import type { SessionOptions } from '../runtime/session.js';
import { DEFAULT_SEED, type Inverter, type Reconstruction } from './inverter.js';
import type { SamplingDefaults } from './inverter-config.js';
import type { OnStep } from './inverter-sampler.js';
import { MapHead } from './map-head.js';

/** What a classifier saw: a feature map [C, H, W] and logits, null where only the map is known. */
export interface Sight {
  readonly map: Float32Array;
  readonly logits: Float32Array | null;
}

/** How a reconstruction's features compare with those that it was made from. */
export interface Comparison {
  /** Cosine over channels per position, [H, W]. */
  readonly cosineMap: Float64Array;
  /** Over positions. */
  readonly cosine: { readonly mean: number; readonly median: number };
  /** The reconstruction's first five classes. */
  readonly top5: readonly Prediction[];
  /** Whether the original's first class is among them; null where that class is not known. */
  readonly top5Match: boolean | null;
}

export interface ComparedReconstruction extends Reconstruction, Comparison {}

/** Pictures sampled in one run; more take turns, so that any number fits in memory. */
export const SAMPLES_AT_ONCE = 8;

/** What the inverter's classifier sees in prepared pictures. */
export async function seePictures(
  inverter: Inverter,
  images: readonly RgbImage[],
): Promise<Sight[]> {
  const { maps, logits } = await inverter.look(images);
  const classes = logits.length / images.length;
  return images.map((_, i) => ({
    map: inverter.mapAt(maps, i),
    logits: logits.subarray(i * classes, (i + 1) * classes),
  }));
}

/** Compares what was seen in a reconstruction with what was seen in the original. */
export function compareSights(inverter: Inverter, original: Sight, picture: Sight): Comparison {
  const [channels, height, width] = inverter.config.mapShape;
  const cosines = cosineMap(original.map, picture.map, { channels, height, width });
  const { mean, median } = summariseCosines([cosines]);
  const logits = picture.logits ?? new Float32Array();
  return {
    cosineMap: cosines,
    cosine: { mean, median },
    top5: topPredictions(logits, inverter.backbone.labels),
    top5Match: original.logits && matchesTop5(original.logits, logits),
  };
}

/** Samples pictures for what was seen, and compares each with it; sample k uses seed + k. */
export async function reconstructSight(
  inverter: Inverter,
  original: Sight,
  options: {
    readonly samples: number;
    readonly seed?: number | undefined;
    readonly sampling: Partial<SamplingDefaults>;
    readonly onStep?: OnStep;
  },
): Promise<ComparedReconstruction[]> {
  const { samples, seed = DEFAULT_SEED, sampling, onStep } = options;
  const feature = { shape: inverter.config.mapShape, data: original.map };
  const compared: ComparedReconstruction[] = [];
  while (compared.length < samples) {
    const made = await inverter.reconstruct(feature, {
      ...sampling,
      samples: Math.min(SAMPLES_AT_ONCE, samples - compared.length),
      seed: seed + compared.length,
      ...(onStep && { onStep }),
    });
    const sights = await seePictures(
      inverter,
      made.map(({ image }) => image),
    );
    made.forEach((reconstruction, i) =>
      compared.push({ ...reconstruction, ...compareSights(inverter, original, sights[i]!) }),
    );
  }
  return compared;
}

/**
 * The classifier's logits of a stored map, or null where it is an .onnx file whose graph cannot be traced.
 */
export async function logitsOfMap(
  inverter: Inverter,
  map: Float32Array,
  options: SessionOptions = {},
): Promise<Float32Array | null> {
  const { backbone, config } = inverter;
  if (!isTraceable(backbone)) return null;
  const head = await MapHead.open(backbone, config.layer, config.mapShape, options);
  try {
    return await head.logits(map);
  } finally {
    await head.dispose();
  }
}
