/**
 * Every vector as a sparse sum of the others: elastic-net subspace clustering by active sets (You, Li,
 * Robinson and Vidal, "Oracle based active set algorithm for scalable elastic net subspace clustering", 2016).
 */
import { gramMatrix, RowProducts } from '../big-product.js';
import { rowOf, vectors, type Vectors } from '../vectors.js';
import { SLACK, solveElasticNet } from './elastic-net.js';
import type { SparseRow } from './sparse-matrix.js';
import { strongest } from './strongest.js';

export interface SelfRepresentationOptions {
  /** α₀/α, where α₀ is the smallest penalty at which a vector's row is all 0; above 1. */
  readonly gamma: number;
  /** Share of the L1 norm in the penalty, above 0 and at most 1; 1 is the lasso. Default 1. */
  readonly l1Share?: number | undefined;
  readonly threads?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Atoms that take part in one small problem. */
const WORKING_SET = 100;
/** Violators that join the atoms in use at most, also where these fill the working set. */
const LEAST_ADDED = 50;
/**
 * Vectors that few others resemble would be made of as many as there are channels, which takes long and
 * tells nothing: their rows end at so many entries.
 */
export const MOST_NONZERO = 200;

/** A vector whose codes are being sought. */
interface Pending {
  readonly index: number;
  readonly alpha: number;
  readonly set: Uint32Array;
  readonly codes: Float64Array;
}

/**
 * Row j of the result minimises ½ ‖x_j − Σ c_i x_i‖² + α (τ Σ |c_i| + (1−τ)/2 Σ c_i²) with c_j = 0, where
 * α = max |⟨x_i, x_j⟩| / (τ γ). A vector orthogonal to all others has an empty row.
 *
 * @param x [N, C], rows of unit length
 */
export async function selfRepresentation(
  x: Vectors,
  options: SelfRepresentationOptions,
): Promise<SparseRow[]> {
  const { gamma, l1Share = 1, threads, onProgress } = options;
  const products = await RowProducts.compile(x, threads);
  const gram = await gramMatrix(products, x);
  const rows: SparseRow[] = [];
  const queue: Pending[] = [];
  for (let index = 0; index < x.count; index++) {
    const own = rowOf(gram, index).slice();
    // A zero is never chosen, so that no vector represents itself.
    own[index] = 0;
    const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    rows.push({ columns: new Uint32Array(0), values: new Float64Array(0) });
    if (largest === 0) continue;
    const set = strongest(own, WORKING_SET);
    const alpha = largest / (l1Share * gamma);
    queue.push({ index, alpha, set, codes: new Float64Array(set.length) });
  }
  const total = queue.length;
  while (queue.length > 0) {
    const batch = queue.splice(0, products.blockSize);
    const rests = vectors(batch.length, x.width);
    batch.forEach((pending, b) => {
      solve(gram, pending, l1Share);
      rowOf(rests, b).set(restOf(x, pending));
    });
    const correlations = await products.run(rests);
    batch.forEach((pending, b) => {
      const next = extended(pending, rowOf(correlations, b), l1Share);
      if (next === undefined) rows[pending.index] = nonZero(pending);
      else queue.push(next);
    });
    onProgress?.(total - queue.length, total);
  }
  await products.dispose();
  return rows;
}

/** Finds the codes on the working set, in place. */
function solve(gram: Vectors, { index, alpha, set, codes }: Pending, l1Share: number): void {
  const k = set.length;
  const own = new Float64Array(k * k);
  const products = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    const start = set[i]! * gram.width;
    products[i] = gram.data[start + index]!;
    for (let j = 0; j < k; j++) own[i * k + j] = gram.data[start + set[j]!]!;
  }
  solveElasticNet(
    {
      gram: own,
      products,
      l1: alpha * l1Share,
      l2: alpha * (1 - l1Share),
      mostActive: MOST_NONZERO,
    },
    codes,
  );
}

/** x_j − Σ c_i x_i, [C]. */
function restOf(x: Vectors, { index, set, codes }: Pending): Float32Array {
  const rest = Float64Array.from(rowOf(x, index));
  set.forEach((atom, i) => {
    const code = codes[i]!;
    if (code === 0) return;
    const start = atom * x.width;
    for (let c = 0; c < rest.length; c++) rest[c]! -= code * x.data[start + c]!;
  });
  return Float32Array.from(rest);
}

/**
 * The problem with the atoms in use and those that violate optimality most; undefined where none does.
 *
 * @param correlations of all vectors with what the codes leave of this one, [N]; overwritten
 */
function extended(
  { index, alpha, set, codes }: Pending,
  correlations: Float32Array,
  l1Share: number,
): Pending | undefined {
  const limit = alpha * l1Share * (1 + SLACK);
  correlations[index] = 0;
  for (const atom of set) correlations[atom] = 0;
  const active = [...set.keys()].filter((i) => codes[i] !== 0);
  if (active.length >= MOST_NONZERO) return undefined;
  const room = Math.max(WORKING_SET - active.length, LEAST_ADDED);
  const violators: number[] = [];
  for (let i = 0; i < correlations.length; i++) {
    if (Math.abs(correlations[i]!) > limit) violators.push(i);
  }
  const sizes = Float32Array.from(violators, (atom) => correlations[atom]!);
  const added = strongest(sizes, room).map((place) => violators[place]!);
  if (added.length === 0) return undefined;
  const nextSet = new Uint32Array(active.length + added.length);
  const nextCodes = new Float64Array(nextSet.length);
  active.forEach((i, place) => {
    nextSet[place] = set[i]!;
    nextCodes[place] = codes[i]!;
  });
  nextSet.set(added, active.length);
  return { index, alpha, set: nextSet, codes: nextCodes };
}

function nonZero({ set, codes }: Pending): SparseRow {
  const kept = [...set.keys()].filter((i) => codes[i] !== 0).sort((a, b) => set[a]! - set[b]!);
  return {
    columns: Uint32Array.from(kept, (i) => set[i]!),
    values: Float64Array.from(kept, (i) => codes[i]!),
  };
}
