/** FeatInv-Viz: what a concept of a feature map adds to the picture (arXiv 2505.21032). */
import { isTraceable, softmax } from '../backbones/index.js';
import { InputError } from '../errors.js';
import type { RgbImage } from '../images/rgb-image.js';
import { DEFAULT_SEED, type FeatureMap, type Inverter, seedRange } from '../inversion/inverter.js';
import type { SamplingDefaults } from '../inversion/inverter-config.js';
import { MapHead } from '../inversion/map-head.js';
import { SAMPLES_AT_ONCE } from '../inversion/reconstruct-picture.js';
import { cosineMap, mean } from '../metrics/index.js';
import type { SessionOptions } from '../runtime/session.js';
import { checkFits } from './check-fits.js';
import { conceptActivationMap, conceptGain } from './concept-activation-map.js';
import type { FittedConcepts } from './concept-files.js';
import { conceptAt } from './concept-model.js';
import { regionWeights, type Region } from '../images/region.js';
import { steerMap } from './steer-map.js';
import { steeringDifference, type SteeringDifference } from './steering-statistics.js';

export interface SteerOptions {
  /** Number of the concept, from 0. */
  readonly concept: number;
  /** 0 takes the concept out, 1 leaves the map as it is, 2 doubles the concept. */
  readonly scales: readonly number[];
  /** Where to steer. Default: everywhere. */
  readonly region?: Region | undefined;
  /** Pictures of each scale; number k starts from the noise of seed + k. Default 8. */
  readonly seeds?: number | undefined;
  readonly seed?: number | undefined;
  readonly sampling?: Partial<SamplingDefaults>;
  readonly session?: SessionOptions;
  /** May return a promise: the next step waits for it. */
  readonly onProgress?: (progress: SteerProgress) => void | Promise<void>;
}

export interface SteerProgress {
  /** Pictures that are finished, of `total`. */
  readonly done: number;
  readonly total: number;
  readonly scale: number;
  readonly step: number;
  readonly steps: number;
  /** Of the pictures that are being drawn. */
  readonly seeds: readonly number[];
  /** What the model takes their latents to be, as `Inverter.decode` reads them. */
  readonly clean: Float32Array;
}

export interface SteeringResult {
  /** The picture's middle square: what the classifier was shown. */
  readonly photograph: RgbImage;
  readonly concept: number;
  /** Name of the concept. */
  readonly name: string;
  readonly seeds: readonly number[];
  /** Share of the change that each position takes, [H · W]; null: all of it everywhere. */
  readonly weights: Float32Array | null;
  /** The concept's activation in the picture's own map, [H · W]. */
  readonly activation: Float32Array;
  /** In the order of the options; scale 1, the reference, comes first where they do not name it. */
  readonly scales: readonly SteeredScale[];
}

export interface SteeredScale {
  readonly scale: number;
  readonly map: FeatureMap;
  /** The concept's activation in the steered map, [H · W]. */
  readonly activation: Float32Array;
  /** How much of the concept's part of the picture's own map it holds: see `conceptGain`. */
  readonly gain: number | null;
  /** What the rest of the classifier makes of the steered map; null for an .onnx classifier that cannot be traced. */
  readonly predicted: Float64Array | null;
  /** One for each seed. */
  readonly samples: readonly SteeredSample[];
  /** To the pictures of scale 1 from the same noise. */
  readonly difference: SteeringDifference;
}

/** A picture drawn from a steered map, and what the classifier sees in it. */
export interface SteeredSample {
  readonly seed: number;
  readonly image: RgbImage;
  /** The concept's activation in the picture's map, [H · W]. */
  readonly activation: Float32Array;
  /** As for the steered map. */
  readonly gain: number | null;
  /** Of the picture's map to the steered one, over channels, mean over positions. */
  readonly cosine: number;
  /** Of all classes. */
  readonly probabilities: Float64Array;
}

type Drawn = Omit<SteeredScale, 'difference'>;

/**
 * Scales one concept of a picture's feature map and draws pictures of each scale, all from the same
 * noise: scale 1 gives the very pictures that `reconstruct` gives. Throws InputError for options that do
 * not fit the inverter or the concepts.
 *
 * @example
 * const inverter = await loadInverter();
 * const fitted = await readConcepts('out/concepts');
 * const { scales } = await steer(inverter, 'cat.jpg', fitted, { concept: 3, scales: [0, 1, 2] });
 */
export async function steer(
  inverter: Inverter,
  picture: string | RgbImage,
  fitted: FittedConcepts,
  options: SteerOptions,
): Promise<SteeringResult> {
  const { model } = fitted;
  const { concept, seeds = 8, seed = DEFAULT_SEED, sampling = {}, region } = options;
  checkSteering(inverter, fitted, options);
  const [, height, width] = fitted.mapShape;
  const weights = region === undefined ? null : regionWeights(region, height, width);
  const scales = options.scales.includes(1) ? options.scales : [1, ...options.scales];
  const photograph = await inverter.prepare(picture);
  const original = await inverter.features(photograph);
  const head = isTraceable(inverter.backbone)
    ? await MapHead.open(inverter.backbone, fitted.layer, fitted.mapShape, options.session)
    : null;
  const drawn: Drawn[] = [];
  try {
    for (const scale of scales) drawn.push(await draw(scale));
  } finally {
    await head?.dispose();
  }
  const reference = imagesOf(drawn.find(({ scale }) => scale === 1)!);
  return {
    photograph,
    concept,
    name: conceptAt(model, concept).name,
    seeds: drawn[0]!.samples.map((sample) => sample.seed),
    weights,
    activation: conceptActivationMap(model, original, concept),
    scales: drawn.map((one) => ({
      ...one,
      difference: steeringDifference(reference, imagesOf(one)),
    })),
  };

  async function draw(scale: number): Promise<Drawn> {
    const map = steerMap(model, original, { concept, scale, weights: weights ?? undefined });
    const samples: SteeredSample[] = [];
    while (samples.length < seeds) {
      const done = drawn.length * seeds + samples.length;
      const turn = seedRange(
        seed + samples.length,
        Math.min(SAMPLES_AT_ONCE, seeds - samples.length),
      );
      const made = await inverter.reconstruct(map, {
        ...sampling,
        samples: turn.length,
        seed: turn[0]!,
        onStep: ({ done: step, steps, clean }) =>
          options.onProgress?.({
            ...{ done, total: scales.length * seeds, scale, step, steps },
            ...{ seeds: turn, clean },
          }),
      });
      samples.push(...(await look(made, map)));
    }
    const activation = conceptActivationMap(model, map, concept);
    const predicted = head === null ? null : softmax(await head.logits(map.data));
    const gain = conceptGain(model, original, map, { concept, weights });
    return { scale, map, activation, gain, predicted, samples };
  }

  async function look(
    made: readonly { readonly image: RgbImage; readonly seed: number }[],
    { data, shape }: FeatureMap,
  ): Promise<SteeredSample[]> {
    const { maps, logits } = await inverter.look(made.map(({ image }) => image));
    const classes = logits.length / made.length;
    const [channels] = shape;
    return made.map((one, i) => {
      const own = { shape, data: inverter.mapAt(maps, i) };
      return {
        ...one,
        activation: conceptActivationMap(model, own, concept),
        gain: conceptGain(model, original, own, { concept, weights }),
        cosine: mean(cosineMap(data, own.data, { channels, height, width })),
        probabilities: softmax(logits.subarray(i * classes, (i + 1) * classes)),
      };
    });
  }
}

const imagesOf = ({ samples }: Drawn): RgbImage[] => samples.map(({ image }) => image);

/** Throws InputError for what `steer` cannot do, before anything is drawn. */
export function checkSteering(
  inverter: Inverter,
  fitted: FittedConcepts,
  { concept, scales, region, seeds = 8 }: SteerOptions,
): void {
  checkFits(inverter, fitted);
  conceptAt(fitted.model, concept);
  if (scales.length === 0 || !scales.every(Number.isFinite)) {
    throw new InputError('give at least one scale to steer with, each a finite number');
  }
  const twice = scales.find((scale, i) => scales.indexOf(scale) !== i);
  if (twice !== undefined) throw new InputError(`scale ${twice} is given twice; give each once`);
  if (!Number.isInteger(seeds) || seeds < 1) {
    throw new InputError(`the number of seeds must be a whole number of at least 1, got ${seeds}`);
  }
  if (region !== undefined && inverter.config.pooled) {
    throw new InputError(
      `${inverter.config.name} averages its map over positions, so it cannot show a region: ` +
        'give a --model that is not pooled, or leave --region out',
    );
  }
}
