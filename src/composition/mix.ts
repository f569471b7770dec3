/** Pictures of maps that were made of several pictures' maps. */
import { isTraceable, softmax } from '../backbones/index.js';
import { InputError } from '../errors.js';
import { regionWeights, type Region } from '../images/region.js';
import type { RgbImage } from '../images/rgb-image.js';
import { DEFAULT_SEED, type FeatureMap, type Inverter, seedRange } from '../inversion/inverter.js';
import type { SamplingDefaults } from '../inversion/inverter-config.js';
import type { StepInfo } from '../diffusion/samplers/index.js';
import { MapHead } from '../inversion/map-head.js';
import { SAMPLES_AT_ONCE, seePictures } from '../inversion/reconstruct-picture.js';
import { cosineMap, summariseCosines } from '../metrics/index.js';
import type { SessionOptions } from '../runtime/session.js';
import { findComposition } from './operations.js';

export interface MixOptions {
  /** Name of an operation; default `lerp`. */
  readonly op?: string | undefined;
  /** Weights of the frames, in order. */
  readonly alphas: readonly number[];
  /** Where maps are changed; by default everywhere. `paste` needs it. */
  readonly region?: Region | undefined;
  /** Pictures of each frame; number k starts from the noise of seed + k. Default 1. */
  readonly samples?: number | undefined;
  readonly seed?: number | undefined;
  readonly sampling?: Partial<SamplingDefaults>;
  readonly session?: SessionOptions;
  readonly onProgress?: (progress: { done: number; total: number; step: string }) => void;
  /** Called after each step of the pictures of `seeds`; the next step waits for it. */
  readonly onStep?: (info: StepInfo, seeds: readonly number[]) => void | Promise<void>;
}

export interface Mixed {
  /** Middle squares of the given pictures, as the classifier was shown them. */
  readonly pictures: readonly RgbImage[];
  /** Class probabilities of the given pictures. */
  readonly seen: readonly Float64Array[];
  readonly seeds: readonly number[];
  /** One for each α. */
  readonly frames: readonly MixedFrame[];
}

export interface MixedFrame {
  readonly alpha: number;
  readonly map: FeatureMap;
  /** What the rest of the classifier makes of the composed map; null for an .onnx classifier that cannot be traced. */
  readonly predicted: Float64Array | null;
  /** One for each seed. */
  readonly samples: readonly MixedSample[];
}

export interface MixedSample {
  readonly seed: number;
  readonly image: RgbImage;
  /** Mean cosine per position of the picture's own map to the composed map and to each parent's. */
  readonly cosine: { readonly composed: number; readonly parents: readonly number[] };
  /** What the classifier sees in the picture. */
  readonly probabilities: Float64Array;
}

/**
 * Composes the maps of two or three pictures (paths or pixels) with each weight and draws the results, all
 * frames from the same noise. α = 0 gives the very pictures that `reconstruct` gives of the first one.
 *
 * @example
 * const inverter = await loadInverter();
 * const { frames } = await mix(inverter, ['cat.jpg', 'cup.jpg'], { alphas: [0, 0.5, 1] });
 */
export async function mix(
  inverter: Inverter,
  pictures: readonly (string | RgbImage)[],
  options: MixOptions,
): Promise<Mixed> {
  const { samples = 1, seed = DEFAULT_SEED, sampling, region, session, onProgress } = options;
  const { config, backbone } = inverter;
  const composition = findComposition(options.op ?? 'lerp');
  checkMix(inverter, pictures.length, composition, options);
  const shape = config.mapShape;
  const weights = region === undefined ? undefined : regionWeights(region, shape[1], shape[2]);
  const squares: RgbImage[] = [];
  for (const picture of pictures) squares.push(await inverter.prepare(picture));
  const sights = await seePictures(inverter, squares);
  const maps = sights.map(({ map }): FeatureMap => ({ shape, data: map.slice() }));
  const head = isTraceable(backbone)
    ? await MapHead.open(backbone, config.layer, shape, session)
    : null;
  const seeds = seedRange(seed, samples);
  const frames: MixedFrame[] = [];
  try {
    for (const alpha of options.alphas) frames.push(await frame(alpha));
  } finally {
    await head?.dispose();
  }
  return { pictures: squares, seen: sights.map(({ logits }) => softmax(logits!)), seeds, frames };

  async function frame(alpha: number): Promise<MixedFrame> {
    const map = composition.compose({ maps, alpha, weights });
    const made: MixedSample[] = [];
    while (made.length < samples) {
      // As many at once as `reconstruct` takes, so that α = 0 gives its very pictures.
      const turn = seeds.slice(made.length, made.length + SAMPLES_AT_ONCE);
      const images = await inverter.sample(
        turn.map(() => map.data),
        turn,
        sampling,
        (info) => {
          onProgress?.({
            done: frames.length,
            total: options.alphas.length,
            step: `step ${info.done}/${info.steps}`,
          });
          return options.onStep?.(info, turn);
        },
      );
      const drawn = await seePictures(inverter, images);
      images.forEach((image, i) =>
        made.push({
          seed: turn[i]!,
          image,
          cosine: {
            composed: meanCosine(map, drawn[i]!.map),
            parents: maps.map((parent) => meanCosine(parent, drawn[i]!.map)),
          },
          probabilities: softmax(drawn[i]!.logits!),
        }),
      );
    }
    onProgress?.({ done: frames.length + 1, total: options.alphas.length, step: '' });
    const predicted = head === null ? null : softmax(await head.logits(map.data));
    return { alpha, map, predicted, samples: made };
  }
}

function checkMix(
  { config }: Inverter,
  pictures: number,
  { name, maps }: { name: string; maps: number },
  { region, alphas, samples = 1 }: MixOptions,
): void {
  if (pictures !== maps) {
    const counts = ['two', 'three'];
    throw new InputError(`${name} takes ${counts[maps - 2]} pictures, got ${pictures}`);
  }
  if (config.pooled && (region !== undefined || name === 'paste')) {
    throw new InputError(
      `${config.name} reads pooled maps, which have no places for a region: use an unpooled inverter`,
    );
  }
  if (name === 'paste' && region === undefined) {
    throw new InputError('paste needs a region: give x,y,w,h or a mask’s file with --region');
  }
  if (alphas.length === 0 || !alphas.every(Number.isFinite)) {
    throw new InputError('the weights alpha must be one finite number or more');
  }
  if (!(Number.isInteger(samples) && samples >= 1)) {
    throw new InputError(
      `the number of samples must be a whole number of at least 1, got ${samples}`,
    );
  }
}

function meanCosine(
  { shape: [channels, height, width], data }: FeatureMap,
  other: Float32Array,
): number {
  return summariseCosines([cosineMap(data, other, { channels, height, width })]).mean;
}
