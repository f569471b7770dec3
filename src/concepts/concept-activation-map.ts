import type { FeatureMap } from '../inversion/inverter.js';
import { activation, encode, type ConceptModel } from './concept-model.js';
import { vectorsOfMap } from './vectors.js';

/** How strongly concept number `concept` is active at each position of a map, [H · W] row by row. */
export function conceptActivationMap(
  model: ConceptModel,
  map: FeatureMap,
  concept: number,
): Float32Array {
  return activation(model, encode(model, vectorsOfMap(map)), concept);
}

/** Mean over positions, each counted by its weight; over all positions alike where none are given. */
export function meanActivation(
  values: ArrayLike<number>,
  weights: ArrayLike<number> | null,
): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const weight = weights?.[i] ?? 1;
    sum += weight * values[i]!;
    total += weight;
  }
  return sum / total;
}
