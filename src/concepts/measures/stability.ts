import { InputError } from '../../errors.js';
import { atomsOf, type ConceptModel } from '../concept-model.js';
import type { ConceptMethod, FitOptions } from '../methods/method.js';
import type { Vectors } from '../vectors.js';
import { bestAssignment } from './assignment.js';
import { Span } from './span.js';
import { spanSimilarity } from './subspace-similarity.js';

export interface Stability {
  /** Mean over all pairs of seeds, 0 to 1. */
  readonly mean: number;
  readonly lowest: number;
  /** For each concept of the first seed, its similarity to its partners of the other seeds, on average. */
  readonly concepts: Float64Array;
}

/** Fits concepts to the same vectors once for each seed and compares them. */
export async function stability(
  method: ConceptMethod,
  v: Vectors,
  seeds: readonly number[],
  options: Omit<FitOptions, 'seed'> = {},
): Promise<Stability> {
  const models: ConceptModel[] = [];
  for (const seed of seeds) models.push(await method.fit(v, { ...options, seed }));
  return stabilityOf(models);
}

/** How alike models are, pair by pair, as `modelSimilarity` tells. */
export function stabilityOf(models: readonly ConceptModel[]): Stability {
  if (models.length < 2) {
    throw new InputError(`stability compares fits of at least 2 seeds, got ${models.length}`);
  }
  const pairs: number[] = [];
  const concepts = new Float64Array(models[0]!.concepts.length);
  models.forEach((first, i) => {
    for (const second of models.slice(i + 1)) {
      const { mean, similarities } = modelSimilarity(first, second);
      pairs.push(mean);
      if (i === 0)
        similarities.forEach((value, k) => (concepts[k]! += value / (models.length - 1)));
    }
  });
  return {
    mean: pairs.reduce((sum, value) => sum + value, 0) / pairs.length,
    lowest: Math.min(...pairs),
    concepts,
  };
}

/**
 * Pairs the concepts of two models so that the sum of their subspace similarities is the largest
 * possible. A concept without a partner, where the numbers differ, counts 0.
 */
export function modelSimilarity(
  first: ConceptModel,
  second: ConceptModel,
): { mean: number; similarities: Float64Array } {
  const spans = (model: ConceptModel): Span[] =>
    model.concepts.map((_, k) => Span.of(atomsOf(model, k)));
  const others = spans(second);
  const table = spans(first).map((mine) => others.map((other) => spanSimilarity(mine, other)));
  const similarities = new Float64Array(table.length);
  if (table.length <= others.length) {
    bestAssignment(table).forEach((j, i) => (similarities[i] = table[i]![j]!));
  } else {
    const turned = others.map((_, j) => table.map((row) => row[j]!));
    bestAssignment(turned).forEach((i, j) => (similarities[i] = table[i]![j]!));
  }
  const sum = similarities.reduce((total, value) => total + value, 0);
  return { mean: sum / Math.max(table.length, others.length), similarities };
}
