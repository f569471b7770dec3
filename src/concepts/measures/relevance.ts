/**
 * What each concept adds to a class's logit, position by position (Vielhaben, Blücher and Strodthoff 2023,
 * section 3.3). A feature vector is v = offset + Σ_k v_k + rest; multiplied with the logit's direction at
 * its position, each part gives its relevance.
 */
import { InputError } from '../../errors.js';
import { encode, type ConceptModel } from '../concept-model.js';
import { rowOf, type Vectors } from '../vectors.js';
import { inner } from './span.js';

/** All in units of the logit. */
export interface Relevance {
  /** For each concept, [positions]. */
  readonly concepts: readonly Float64Array[];
  /** Of the model's offset, [positions]; zeros where it has none. */
  readonly offset: Float64Array;
  /** Of what the model leaves unexplained, [positions]. */
  readonly rest: Float64Array;
  /** Sum of all the above. */
  readonly total: number;
}

/** A head that averages a map over its positions and multiplies: logits = W · mean + b. */
export interface PooledHead {
  readonly channels: number;
  /** W [classes, channels], row-major. */
  readonly weight: Float32Array | Float64Array;
  /** b [classes]. */
  readonly bias: Float32Array | Float64Array;
}

/**
 * Relevances of a map's vectors [positions, C] for a class of a pool→linear head. Exact: `total` is the
 * logit minus the class's bias.
 */
export function relevance(
  model: ConceptModel,
  v: Vectors,
  head: PooledHead,
  classIndex: number,
): Relevance {
  return relevanceAlong(model, v, [classVector(head, classIndex)], 1 / v.count);
}

/** Row `classIndex` of W, [channels]. */
export function classVector(
  { channels, weight, bias }: PooledHead,
  classIndex: number,
): Float32Array | Float64Array {
  if (!Number.isInteger(classIndex) || classIndex < 0 || classIndex >= bias.length) {
    throw new InputError(
      `there is no class ${classIndex}: the head has ${bias.length}, numbered from 0`,
    );
  }
  return weight.subarray(classIndex * channels, (classIndex + 1) * channels);
}

/**
 * Parts of the vectors [positions, C] times `factor` times a direction [C]: one for each position, or one
 * for all.
 */
export function relevanceAlong(
  model: ConceptModel,
  v: Vectors,
  directions: readonly ArrayLike<number>[],
  factor = 1,
): Relevance {
  const codes = encode(model, v);
  const { dictionary, offset } = model;
  const projected = directions.map((direction) => ({
    direction,
    atoms: Float64Array.from({ length: dictionary.count }, (_, a) =>
      inner(rowOf(dictionary, a), direction),
    ),
    offset: inner(offset, direction),
  }));
  const concepts = model.concepts.map(() => new Float64Array(v.count));
  const ofOffset = new Float64Array(v.count);
  const rest = new Float64Array(v.count);
  let total = 0;
  for (let i = 0; i < v.count; i++) {
    const along = projected[projected.length === 1 ? 0 : i]!;
    const code = rowOf(codes, i);
    const whole = factor * inner(rowOf(v, i), along.direction);
    let explained = factor * along.offset;
    ofOffset[i] = explained;
    model.concepts.forEach(({ start, end }, k) => {
      let sum = 0;
      for (let a = start; a < end; a++) sum += code[a]! * along.atoms[a]!;
      concepts[k]![i] = factor * sum;
      explained += factor * sum;
    });
    rest[i] = whole - explained;
    total += whole;
  }
  return { concepts, offset: ofOffset, rest, total };
}

/** Sum over positions: a part's whole relevance. */
export const sumOf = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0);
