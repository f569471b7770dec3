import type { ConceptModel } from '../concept-model.js';
import { rowOf, timesTransposed, vectors, type Vectors } from '../vectors.js';
import { classLength } from './completeness.js';
import { inner, norm } from './span.js';

/** The gradient's length, as a share of the first, at which least squares have converged. */
const TOLERANCE = 1e-8;
/** Exact arithmetic needs one step for each dimension, rounding some more. */
const STEPS_PER_DIMENSION = 4;

export interface GlobalRelevance {
  /** ‖w_k‖ of each concept. */
  readonly concepts: Float64Array;
  /** Length of what no concept explains of the class vector. */
  readonly rest: number;
}

/**
 * Parts of a class's direction: the class vector w [C] at length 1 is Σ_k w_k + rest, with the codes of
 * least squares on all atoms, of several solutions the shortest (Vielhaben, Blücher and Strodthoff 2023:
 * ‖w_k‖ is a concept's global relevance). No offset is taken off, since w is a direction. The parts of
 * concepts that are not orthogonal may be longer than w.
 */
export function globalRelevances(
  model: ConceptModel,
  classVectors: readonly ArrayLike<number>[],
): GlobalRelevance[] {
  const units = vectors(classVectors.length, model.dictionary.width);
  classVectors.forEach((w, i) => {
    const length = classLength(model, w);
    rowOf(units, i).set(Float32Array.from(w, (value) => value / length));
  });
  const codes = leastSquaresCodes(model, units);
  return classVectors.map((_, i) => partLengths(model, rowOf(units, i), codes[i]!));
}

function partLengths(
  { concepts, dictionary }: ConceptModel,
  unit: Float32Array,
  codes: ArrayLike<number>,
): GlobalRelevance {
  const rest = Float64Array.from(unit);
  const lengths = concepts.map(({ start, end }) => {
    const part = new Float64Array(unit.length);
    addRows(part, dictionary, codes, start, end);
    for (let c = 0; c < part.length; c++) rest[c]! -= part[c]!;
    return norm(part);
  });
  return { concepts: Float64Array.from(lengths), rest: norm(rest) };
}

/** Shortest codes [A] of each row with the smallest ‖row − codes · atoms‖. */
function leastSquaresCodes({ encoder, dictionary }: ConceptModel, rows: Vectors): Float64Array[] {
  // The encoder of orthonormal or independent atoms is their pseudo-inverse already.
  if (encoder.kind === 'linear') {
    const codes = timesTransposed(rows, encoder.weight);
    return Array.from({ length: rows.count }, (_, i) => Float64Array.from(rowOf(codes, i)));
  }
  return Array.from({ length: rows.count }, (_, i) =>
    conjugateGradients(dictionary, rowOf(rows, i)),
  );
}

/** Least squares by conjugate gradients (Hestenes and Stiefel 1952); from 0 it ends at the shortest codes. */
function conjugateGradients(dictionary: Vectors, row: Float32Array): Float64Array {
  const { count, width } = dictionary;
  const project = (x: Float64Array): Float64Array =>
    Float64Array.from({ length: count }, (_, a) => inner(rowOf(dictionary, a), x));
  const codes = new Float64Array(count);
  const rest = Float64Array.from(row);
  let slope = project(rest);
  const direction = slope.slice();
  let square = inner(slope, slope);
  const enough = TOLERANCE ** 2 * square;
  for (
    let step = 0;
    step < STEPS_PER_DIMENSION * Math.min(count, width) && square > enough;
    step++
  ) {
    const change = new Float64Array(width);
    addRows(change, dictionary, direction, 0, count);
    const length = square / inner(change, change);
    for (let a = 0; a < count; a++) codes[a]! += length * direction[a]!;
    for (let c = 0; c < width; c++) rest[c]! -= length * change[c]!;
    slope = project(rest);
    const before = square;
    square = inner(slope, slope);
    for (let a = 0; a < count; a++) direction[a] = slope[a]! + (square / before) * direction[a]!;
  }
  return codes;
}

/** Adds Σ weight · row over the rows from `start` to before `end`. */
function addRows(
  to: Float64Array,
  rows: Vectors,
  weights: ArrayLike<number>,
  start: number,
  end: number,
): void {
  for (let a = start; a < end; a++) {
    const row = rowOf(rows, a);
    for (let c = 0; c < to.length; c++) to[c]! += weights[a]! * row[c]!;
  }
}
