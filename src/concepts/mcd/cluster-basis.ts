import type { Random } from '../../random.js';
import { scatterMatrix } from '../big-product.js';
import { meanRow, rowOf, subtractRow, vectors, type Vectors } from '../vectors.js';
import { leadingEigenpairs, type Eigenpairs } from './leading-eigenpairs.js';

/** Share of the largest variance above which a direction belongs to a cluster. */
const SHARE = 0.05;
const FIRST_GUESS = 16;

/**
 * Orthonormal directions [d, C] in which the vectors of a cluster vary around their mean: those whose
 * variance exceeds 5 % of the largest (Fukunaga and Olsen 1971). None where all vectors are equal.
 */
export async function clusterBasis(v: Vectors, random: Random, threads?: number): Promise<Vectors> {
  const scatter = await scatterMatrix(subtractRow(v, meanRow(v)), threads);
  const { values, vectors: directions } = pairsDownTo(scatter, SHARE, random);
  // Rounding alone leaves equal vectors a scatter near 1e-14 of their squares.
  const limit = Math.max(SHARE * values[0]!, 1e-10 * v.count);
  const basis = vectors(values.filter((value) => value > limit).length, v.width);
  for (let k = 0; k < basis.count; k++) rowOf(basis, k).set(directions[k]!);
  return basis;
}

/** Leading eigenpairs, at least all whose value exceeds the given share of the largest. */
function pairsDownTo(scatter: Vectors, share: number, random: Random): Eigenpairs {
  const n = scatter.count;
  const multiply = (x: Float64Array, out: Float64Array): void => {
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += scatter.data[i * n + j]! * x[j]!;
      out[i] = sum;
    }
  };
  for (let count = FIRST_GUESS; ; count *= 2) {
    const pairs = leadingEigenpairs({ size: n, multiply }, count, random);
    if (count >= n || pairs.values[count - 1]! <= share * pairs.values[0]!) return pairs;
  }
}
