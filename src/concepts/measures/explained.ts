/** How much of feature vectors a model accounts for. */
import { decode, encode, type Concept, type ConceptModel } from '../concept-model.js';
import { dot, meanRow, rowOf, squaredNorm, subtractRow, type Vectors } from '../vectors.js';

/**
 * R² of the model's approximation of vectors [N, C]: 1 − Σ ‖v − v̂‖² / Σ ‖v − mean‖². 1 is exact, 0 no
 * better than the mean, less than 0 worse than it. Vectors that are all equal have R² 1 where they are
 * met, else −Infinity.
 */
export function rSquared(model: ConceptModel, v: Vectors): number {
  const approximation = decode(model, encode(model, v));
  const error = v.data.map((value, i) => value - approximation.data[i]!);
  return ratio(dot(error, error), squaredNorm(subtractRow(v, meanRow(v))));
}

export interface ExplainedByConcept {
  /** Share of the squared lengths of all concepts' parts; the shares sum to 1. */
  readonly energyShare: Float64Array;
  /** R² of the offset and the concepts up to each; falls where parts cancel each other. */
  readonly rSquared: Float64Array;
  /**
   * Sum of the squared lengths of all parts over the squared length of their sum: 1 for orthogonal parts,
   * more where they cancel each other.
   */
  readonly overlap: number;
}

/** Both numbers of each concept, in their order; `codes` are those of the vectors. */
export function explainedByConcept(
  model: ConceptModel,
  v: Vectors,
  codes: Vectors = encode(model, v),
): ExplainedByConcept {
  const spread = squaredNorm(subtractRow(v, meanRow(v)));
  const rest = subtractRow(v, model.offset);
  const part = new Float64Array(v.width);
  const energies = new Float64Array(model.concepts.length);
  const curve = new Float64Array(model.concepts.length);
  let error = squaredNorm(rest);
  model.concepts.forEach((concept, k) => {
    for (let i = 0; i < v.count; i++) {
      if (!addParts(part.fill(0), model, rowOf(codes, i), concept)) continue;
      const row = rowOf(rest, i);
      for (let c = 0; c < part.length; c++) {
        const before = row[c]!;
        row[c] = before - part[c]!;
        energies[k]! += part[c]! ** 2;
        error += row[c]! ** 2 - before ** 2;
      }
    }
    curve[k] = ratio(error, spread);
  });
  const total = energies.reduce((sum, energy) => sum + energy, 0);
  return {
    energyShare: energies.map((energy) => (total === 0 ? 0 : energy / total)),
    rSquared: curve,
    overlap: total === 0 ? 1 : total / squaredDistance(v, model.offset, rest),
  };
}

/** Squared length of what parts sum to: vectors − offset − rest. */
function squaredDistance(v: Vectors, offset: Float32Array, rest: Vectors): number {
  let sum = 0;
  v.data.forEach((value, i) => (sum += (value - offset[i % v.width]! - rest.data[i]!) ** 2));
  return sum;
}

/** Adds one vector's part of a concept to `to` [C]; false where the concept is not active. */
function addParts(
  to: Float64Array,
  { dictionary }: ConceptModel,
  code: Float32Array,
  { start, end }: Concept,
): boolean {
  let active = false;
  for (let a = start; a < end; a++) {
    const share = code[a]!;
    if (share === 0) continue;
    active = true;
    const atom = rowOf(dictionary, a);
    for (let c = 0; c < to.length; c++) to[c]! += share * atom[c]!;
  }
  return active;
}

const ratio = (error: number, spread: number): number => (error === 0 ? 1 : 1 - error / spread);
