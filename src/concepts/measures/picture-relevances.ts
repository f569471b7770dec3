/** Relevance of concepts to the first classes of many pictures. */
import { requireTraceable, type Backbone, type ClassWeights } from '../../backbones/index.js';
import { errorMessage, InputError } from '../../errors.js';
import type { FeatureMap } from '../../inversion/inverter.js';
import type { SessionOptions } from '../../runtime/session.js';
import type { ConceptModel } from '../concept-model.js';
import { mapOfVectors, rowOf, type Vectors } from '../vectors.js';
import { frozenNormHead } from './frozen-norm-head.js';
import { gradientRelevance, LogitGradient } from './gradient-relevance.js';
import { relevance, type PooledHead, type Relevance } from './relevance.js';

export interface MapsOfPictures {
  readonly backbone: Backbone;
  readonly layer: string;
  readonly mapShape: FeatureMap['shape'];
  /** Vectors of whole maps, one map after the other. */
  readonly vectors: Vectors;
}

export interface LookOptions extends SessionOptions {
  /** Most pictures to look at, spread evenly over all. */
  readonly pictures: number;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface PictureRelevance {
  /** The first class. */
  readonly classIndex: number;
  readonly logit: number;
  readonly relevance: Relevance;
}

export interface PictureRelevances {
  readonly pictures: readonly PictureRelevance[];
  /**
   * What the layer is averaged and multiplied with; undefined where relevance is first-order. Where the
   * average is normalised, the head is frozen at the first picture: at others its rows have the same
   * directions and other lengths.
   */
  readonly head: PooledHead | undefined;
}

/** The classifier cannot be entered at the layer: ops without a derivative, or a layer that others bypass. */
export interface UnknownRelevance {
  readonly kind: 'unknown';
  readonly reason: string;
}

export async function pictureRelevances(
  model: ConceptModel,
  { backbone, layer, mapShape, vectors }: MapsOfPictures,
  { pictures: most, onProgress, ...session }: LookOptions,
): Promise<PictureRelevances | UnknownRelevance> {
  const rest = await LogitGradient.open(backbone, layer, mapShape, session).catch(unknown);
  if (!(rest instanceof LogitGradient)) return rest;
  const weights = classWeightsAt(backbone, layer);
  let first: PooledHead | undefined;
  const positions = mapShape[1] * mapShape[2];
  const all = vectors.count / positions;
  const total = Math.min(most, all);
  const pictures: PictureRelevance[] = [];
  for (let i = 0; i < total; i++) {
    const v = part(vectors, Math.floor((i * all) / total), positions);
    const map = mapOfVectors(v, mapShape);
    const { logits, classIndex, gradient } = await rest.at(map);
    const head = weights && headAt(weights, v);
    first ??= head;
    pictures.push({
      classIndex,
      logit: logits[classIndex]!,
      relevance: head
        ? relevance(model, v, head, classIndex)
        : gradientRelevance(model, map, gradient),
    });
    onProgress?.(pictures.length, total);
  }
  await rest.dispose();
  return { pictures, head: first };
}

/** Undefined where other layers lie between this one and the classes, or no average is multiplied at all. */
function classWeightsAt(backbone: Backbone, layer: string): ClassWeights | undefined {
  try {
    const weights = requireTraceable(backbone).classWeights();
    return weights.layer === layer ? weights : undefined;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return undefined;
  }
}

/** The head for one picture's vectors: a normalisation is frozen at their average. */
function headAt(weights: ClassWeights, v: Vectors): PooledHead {
  if (weights.norm === undefined) return weights;
  const pooled = new Float64Array(v.width);
  for (let i = 0; i < v.count; i++) {
    rowOf(v, i).forEach((value, c) => (pooled[c]! += value / v.count));
  }
  return frozenNormHead(weights, weights.norm, pooled);
}

function unknown(error: unknown): UnknownRelevance {
  if (!(error instanceof InputError)) throw error;
  return { kind: 'unknown', reason: errorMessage(error) };
}

function part({ width, data }: Vectors, index: number, count: number): Vectors {
  const length = count * width;
  return { count, width, data: data.subarray(index * length, (index + 1) * length) };
}
