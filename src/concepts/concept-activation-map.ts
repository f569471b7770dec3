import type { FeatureMap } from '../inversion/inverter.js';
import { activation, component, encode, type ConceptModel } from './concept-model.js';
import { dot, rowOf, vectorsOfMap, type Vectors } from './vectors.js';

/** How strongly concept number `concept` is active at each position of a map, [H · W] row by row. */
export function conceptActivationMap(
  model: ConceptModel,
  map: FeatureMap,
  concept: number,
): Float32Array {
  return activation(model, encode(model, vectorsOfMap(map)), concept);
}

/**
 * The factor that fits one map's part of a concept best to another's, by least squares over positions:
 * Σ w ⟨v_k, u_k⟩ / Σ w ⟨u_k, u_k⟩ with u_k the part in `original`. Unlike the activation it counts only
 * what lies along the original's part: a map steered by s has s where codes are linear, an unrelated one
 * about 0. Null where the original holds nothing of the concept.
 */
export function conceptGain(
  model: ConceptModel,
  original: FeatureMap,
  map: FeatureMap,
  { concept, weights }: { readonly concept: number; readonly weights: ArrayLike<number> | null },
): number | null {
  const part = (of: FeatureMap): Vectors => {
    const v = vectorsOfMap(of);
    return component(model, encode(model, v), concept);
  };
  const [parts, originals] = [part(map), part(original)];
  let along = 0;
  let whole = 0;
  for (let i = 0; i < parts.count; i++) {
    const weight = weights?.[i] ?? 1;
    const row = rowOf(originals, i);
    along += weight * dot(rowOf(parts, i), row);
    whole += weight * dot(row, row);
  }
  return whole === 0 ? null : along / whole;
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
