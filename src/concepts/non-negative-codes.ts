/** Non-negative least squares for many vectors and one dictionary. */
import { dot, rowOf, timesTransposed, vectors, type Vectors } from './vectors.js';

const SWEEPS = 500;
/** A sweep that moves no code by more than this share of the largest one is the last. */
const TOLERANCE = 1e-6;

/**
 * Codes [N, A] ≥ 0 that minimise ‖v − codes · atoms‖² for each row, by cyclic coordinate descent on the
 * normal equations (Franc, Hlaváč and Navara 2005): exact up to the tolerance, since the problem is convex.
 */
export function nonNegativeCodes(v: Vectors, atoms: Vectors): Vectors {
  const gram = timesTransposed(atoms, atoms);
  const products = timesTransposed(v, atoms);
  const codes = vectors(v.count, atoms.count);
  for (let i = 0; i < v.count; i++) descend(gram, rowOf(products, i), rowOf(codes, i));
  return codes;
}

/** Improves `code` in place until it is optimal for gram · code ≈ product under code ≥ 0. */
function descend(gram: Vectors, product: Float32Array, code: Float32Array): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0;
    let largest = 0;
    for (let a = 0; a < code.length; a++) {
      const row = rowOf(gram, a);
      const curvature = row[a]!;
      if (curvature === 0) continue;
      const before = code[a]!;
      const after = Math.max(0, before + (product[a]! - dot(row, code)) / curvature);
      code[a] = after;
      moved = Math.max(moved, Math.abs(after - before));
      largest = Math.max(largest, after);
    }
    if (moved <= TOLERANCE * largest) return;
  }
}
