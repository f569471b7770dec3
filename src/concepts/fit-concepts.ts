/** From picture files to the concepts of the layer that an inverter reads. */
import { FeatureExtractor } from '../inversion/feature-extractor.js';
import { DEFAULT_SEED, type Inverter } from '../inversion/inverter.js';
import { Random } from '../random.js';
import type { SessionOptions } from '../runtime/session.js';
import { collectVectors, type CollectOptions } from './collect-vectors.js';
import type { FittedConcepts } from './concept-files.js';
import type { FitOptions } from './methods/method.js';
import { findConceptMethod } from './methods/registry.js';
import { selectRows, type Vectors } from './vectors.js';

/** More vectors than this are sampled: enough for every method, and bounded in memory and time. */
export const MOST_VECTORS = 20_000;

export interface FitConceptsOptions
  extends Omit<FitOptions, 'seed' | 'threads' | 'onProgress'>, Pick<CollectOptions, 'class'> {
  /** Name of a method; default `mcd`. */
  readonly method?: string | undefined;
  /** Most vectors to fit to. Default 20,000. */
  readonly vectors?: number | undefined;
  readonly seed?: number | undefined;
  readonly session?: SessionOptions;
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
}

/**
 * Finds concepts in the maps of pictures, as the inverter's classifier sees their middle squares.
 *
 * @example
 * const inverter = await loadInverter();
 * const fitted = await fitConcepts(inverter, await listImages('photos'), { method: 'kmeans' });
 * await writeConcepts('out/concepts', fitted);
 */
export async function fitConcepts(
  { backbone, config, imageSize }: Inverter,
  files: readonly string[],
  options: FitConceptsOptions = {},
): Promise<FittedConcepts> {
  const { seed = DEFAULT_SEED, session = {}, onProgress } = options;
  const method = findConceptMethod(options.method ?? 'mcd');
  const extractor = await FeatureExtractor.open(backbone, config.layer, imageSize, session);
  const collected = await collectVectors(extractor, imageSize, files, {
    class: options.class,
    onProgress: (done, total) => onProgress?.('look', done, total),
  }).finally(() => extractor.dispose());
  const sampled = sampleRows(collected.vectors, options.vectors ?? MOST_VECTORS, seed);
  const { count, gamma, active } = options;
  const model = await method.fit(sampled, {
    count,
    gamma,
    active,
    seed,
    threads: session.threads,
    onProgress,
  });
  return {
    backbone: config.backbone,
    layer: config.layer,
    mapShape: config.mapShape,
    imageSize,
    fit: {
      images: [...collected.images],
      class: options.class ?? null,
      vectors: sampled.count,
      seed,
    },
    model,
  };
}

/** `most` of the rows, drawn without replacement and kept in order; all of them where there are fewer. */
export function sampleRows(v: Vectors, most: number, seed: number): Vectors {
  if (v.count <= most) return v;
  const random = new Random(seed).fork('sampled vectors');
  const indices = Uint32Array.from({ length: v.count }, (_, i) => i);
  for (let i = 0; i < most; i++) {
    const j = i + random.int(v.count - i);
    [indices[i], indices[j]] = [indices[j]!, indices[i]!];
  }
  return selectRows(v, indices.slice(0, most).sort());
}
