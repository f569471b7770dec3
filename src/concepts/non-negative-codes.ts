/** Least squares with and without the bound x ≥ 0, for many vectors and one dictionary. */
import { rowOf, timesTransposed, vectors, type Vectors } from './vectors.js';

const SWEEPS = 500;
/** A sweep that moves no code by more than this share of the largest one is the last. */
const TOLERANCE = 1e-6;

/** Codes [N, A] ≥ 0 that minimise ‖v − codes · atoms‖² for each row: exact up to the tolerance. */
export function nonNegativeCodes(v: Vectors, atoms: Vectors): Vectors {
  const codes = vectors(v.count, atoms.count);
  const products = timesTransposed(v, atoms);
  improveCodes(codes, products, timesTransposed(atoms, atoms), {
    sweeps: SWEEPS,
    nonNegative: true,
  });
  return codes;
}

export interface Descent {
  /** Most passes over a row's codes. */
  readonly sweeps: number;
  /** Whether codes below 0 are kept out. */
  readonly nonNegative: boolean;
}

/**
 * Brings each row x of `codes` [N, A], in place, nearer to the minimum of x' gram x / 2 − products · x:
 * cyclic coordinate descent on the normal equations (Franc, Hlaváč and Navara 2005). No step raises the
 * error, and since the problem is convex the sweeps end at its minimum.
 */
export function improveCodes(
  codes: Vectors,
  products: Vectors,
  gram: Vectors,
  { sweeps, nonNegative }: Descent,
): void {
  const lowest = nonNegative ? 0 : -Infinity;
  for (let i = 0; i < codes.count; i++) {
    descend(rowOf(codes, i), rowOf(products, i), gram.data, sweeps, lowest);
  }
}

function descend(
  code: Float32Array,
  product: Float32Array,
  gram: Float32Array,
  sweeps: number,
  lowest: number,
): void {
  const width = code.length;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let moved = 0;
    let largest = 0;
    for (let a = 0; a < width; a++) {
      const row = a * width;
      const curvature = gram[row + a]!;
      // An atom without length changes nothing.
      if (curvature === 0) continue;
      let slope = product[a]!;
      for (let b = 0; b < width; b++) slope -= gram[row + b]! * code[b]!;
      const before = code[a]!;
      const after = Math.max(lowest, before + slope / curvature);
      code[a] = after;
      moved = Math.max(moved, Math.abs(after - before));
      largest = Math.max(largest, Math.abs(after));
    }
    if (moved <= TOLERANCE * largest) return;
  }
}
