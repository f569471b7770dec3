/** Steering: one concept of a feature map made weaker or stronger. */
import { InputError } from '../errors.js';
import { show } from '../graph/index.js';
import type { FeatureMap } from '../inversion/inverter.js';
import { component, encode, type ConceptModel } from './concept-model.js';
import { mapOfVectors, rowOf, vectorsOfMap } from './vectors.js';

export interface MapSteering {
  /** Number of the concept, from 0. */
  readonly concept: number;
  /** 0 takes the concept out, 1 leaves the map as it is, more makes the concept stronger. */
  readonly scale: number;
  /** Share of the change that each position takes, [H · W] row by row, 0 to 1. Default 1 everywhere. */
  readonly weights?: ArrayLike<number> | undefined;
}

/**
 * v' = v + w (s − 1) v_k at every position, with v_k the concept's part of v (FeatInv, arXiv 2505.21032).
 * What the model does not explain of v stays. Scale 1 returns the map itself. Values are not clipped: a
 * map behind a ReLU may turn negative.
 */
export function steerMap(model: ConceptModel, map: FeatureMap, steering: MapSteering): FeatureMap {
  const { concept, scale, weights } = steering;
  const positions = map.shape[1] * map.shape[2];
  if (!Number.isFinite(scale)) {
    throw new InputError(`the scale of a concept must be a finite number, got ${scale}`);
  }
  if (weights !== undefined && weights.length !== positions) {
    throw new InputError(
      `a map of shape ${show(map.shape)} has ${positions} positions, the region has ${weights.length} weights`,
    );
  }
  const v = vectorsOfMap(map);
  const part = component(model, encode(model, v), concept);
  if (scale === 1) return map;
  for (let i = 0; i < positions; i++) {
    const share = (weights?.[i] ?? 1) * (scale - 1);
    // Adding 0 would turn -0 into 0: positions outside the region keep their very bits.
    if (share === 0) continue;
    const vector = rowOf(v, i);
    const change = rowOf(part, i);
    for (let c = 0; c < vector.length; c++) vector[c]! += share * change[c]!;
  }
  return mapOfVectors(v, map.shape);
}
