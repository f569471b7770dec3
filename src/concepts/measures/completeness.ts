/**
 * How much of a class's direction concepts span (Vielhaben, Blücher and Strodthoff 2023, section 3.3):
 * ‖P_U w‖ / ‖w‖ with the row w of the last layer's weights and the span U of the first k concepts.
 */
import { InputError } from '../../errors.js';
import { atomsOf, type ConceptModel } from '../concept-model.js';
import { rowOf } from '../vectors.js';
import { inner, norm, Span } from './span.js';

/** The completeness from which the authors call a set of concepts sufficient. */
export const SUFFICIENT = 0.5;

/** Completeness of the first `k` concepts for the class vector `w` [C], 0 to 1. */
export function completeness(model: ConceptModel, w: ArrayLike<number>, k: number): number {
  if (!Number.isInteger(k) || k < 1 || k > model.concepts.length) {
    throw new InputError(
      `completeness: k must be a whole number from 1 to ${model.concepts.length}, the number of concepts, got ${k}`,
    );
  }
  return completenessCurves(model, [w])[0]![k - 1]!;
}

/** For each class vector [C] the completeness of the first 1, 2, … of all concepts. */
export function completenessCurves(
  model: ConceptModel,
  classVectors: readonly ArrayLike<number>[],
): Float64Array[] {
  const lengths = classVectors.map((w) => classLength(model, w));
  const squares = new Float64Array(classVectors.length);
  const curves = classVectors.map(() => new Float64Array(model.concepts.length));
  const span = new Span();
  model.concepts.forEach((_, k) => {
    const atoms = atomsOf(model, k);
    for (let a = 0; a < atoms.count; a++) {
      const direction = span.add(rowOf(atoms, a));
      if (direction === undefined) continue;
      classVectors.forEach((w, i) => (squares[i]! += inner(direction, w) ** 2));
    }
    curves.forEach((curve, i) => (curve[k] = Math.min(1, Math.sqrt(squares[i]!) / lengths[i]!)));
  });
  return curves;
}

/** The smallest number of concepts whose completeness is at least `enough`; null where none suffices. */
export function sufficientConcepts(
  curve: ArrayLike<number>,
  enough: number = SUFFICIENT,
): number | null {
  const index = Array.from(curve).findIndex((value) => value >= enough);
  return index === -1 ? null : index + 1;
}

/** ‖w‖. Throws InputError where `w` is no direction in the model's feature space. */
export function classLength(model: ConceptModel, w: ArrayLike<number>): number {
  if (w.length !== model.dictionary.width) {
    throw new InputError(
      `the concepts were fitted to vectors of ${model.dictionary.width} channels, the class vector has ${w.length}`,
    );
  }
  const length = norm(w);
  if (!(length > 0 && length < Infinity)) {
    throw new InputError(`a class vector must have a length, this one has ${length}`);
  }
  return length;
}
