import { rowOf, type Vectors } from '../vectors.js';

/** Codes up to this share of the largest of their vector count as 0. */
const NEAR_ZERO = 1e-3;

export interface Sparsity {
  /** Mean share of a vector's codes that are 0 or nearly, 0 to 1. */
  readonly zeroShare: number;
  /** Mean of Hoyer's measure (√n − ‖c‖₁ / ‖c‖₂) / (√n − 1): 0 for n equal codes, 1 for a single one. */
  readonly hoyer: number;
}

/**
 * How few codes [N, A] each vector uses (Hoyer, "Non-negative matrix factorization with sparseness
 * constraints", 2004). Vectors whose codes are all 0 are left out of `hoyer`; it is 0 where there are no
 * others, or only one atom.
 */
export function sparsity(codes: Vectors): Sparsity {
  const root = Math.sqrt(codes.width);
  let zeros = 0;
  let hoyer = 0;
  let used = 0;
  for (let i = 0; i < codes.count; i++) {
    const sizes = Array.from(rowOf(codes, i), Math.abs);
    const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
    zeros += sizes.filter((size) => size <= NEAR_ZERO * largest).length / codes.width;
    if (largest === 0 || codes.width === 1) continue;
    const sum = sizes.reduce((total, size) => total + size, 0);
    const length = Math.sqrt(sizes.reduce((total, size) => total + size * size, 0));
    hoyer += (root - sum / length) / (root - 1);
    used++;
  }
  return { zeroShare: zeros / codes.count, hoyer: used === 0 ? 0 : hoyer / used };
}
