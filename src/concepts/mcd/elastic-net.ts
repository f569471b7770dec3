/** The elastic net on a few atoms, from inner products alone. */
import { ActiveFactor } from './active-factor.js';

export interface ElasticNetProblem {
  /** Inner products of the k atoms, [k, k] row by row. */
  readonly gram: Float64Array;
  /** Inner products of the atoms with the target, [k]. */
  readonly products: Float64Array;
  /** Weight of Σ |c|. */
  readonly l1: number;
  /** Weight of ½ Σ c². */
  readonly l2: number;
  /** No further atom comes into use once so many are. */
  readonly mostActive: number;
}

/** Share of l1 by which an atom with code 0 may exceed its optimality condition |gradient| ≤ l1. */
export const SLACK = 1e-4;
/** Atoms that come into use at once. */
const ADDED = 8;
/** Inner products in float32 are off by about this much; as the least l2 it keeps equal atoms solvable. */
const LEAST_L2 = 1e-6;

/**
 * Minimises ½ ‖x − Σ c_j a_j‖² + l1 Σ |c_j| + l2/2 Σ c_j², in place, from the codes given.
 *
 * Feature-sign search (Lee, Battle, Raina and Ng 2007): atoms that violate optimality come into use with the
 * sign of their gradient; then the quadratic problem with all signs fixed is solved exactly, moving only as
 * far as the first code that would change its sign, which goes out of use.
 */
export function solveElasticNet(problem: ElasticNetProblem, codes: Float64Array): void {
  const factor = new ActiveFactor(problem.gram, codes.length, Math.max(problem.l2, LEAST_L2));
  const signs = Float64Array.from(codes, Math.sign);
  codes.forEach((code, j) => {
    if (code !== 0) factor.add(j);
  });
  for (;;) {
    settle(problem, factor, signs, codes);
    const room = Math.min(ADDED, problem.mostActive - factor.active.length);
    const gradient = residualProducts(problem, codes, factor.active);
    const added = violators(gradient, codes, problem.l1 * (1 + SLACK)).slice(0, Math.max(0, room));
    if (added.length === 0) return;
    for (const j of added) {
      signs[j] = Math.sign(gradient[j]!);
      factor.add(j);
    }
  }
}

/** Moves to the optimum of the atoms in use, taking those out whose codes reach 0 on the way. */
function settle(
  { products, l1 }: ElasticNetProblem,
  factor: ActiveFactor,
  signs: Float64Array,
  codes: Float64Array,
): void {
  const { active } = factor;
  for (;;) {
    const target = factor.solve(active.map((j) => products[j]! - l1 * signs[j]!));
    let step = 1;
    let blocking = -1;
    active.forEach((j, place) => {
      if (target[place]! * signs[j]! > 0) return;
      const reach = codes[j] === 0 ? 0 : codes[j]! / (codes[j]! - target[place]!);
      // Of equal ones the last: the weakest violator.
      if (reach <= step) [step, blocking] = [reach, place];
    });
    active.forEach((j, place) => (codes[j]! += step * (target[place]! - codes[j]!)));
    if (blocking === -1) return;
    codes[active[blocking]!] = 0;
    factor.remove(blocking);
  }
}

/** Inner products of the atoms with what the codes leave of the target, [k]. */
function residualProducts(
  { gram, products }: ElasticNetProblem,
  codes: Float64Array,
  active: readonly number[],
): Float64Array {
  const rest = products.slice();
  const k = rest.length;
  for (const j of active) {
    const code = codes[j]!;
    const row = j * k;
    for (let i = 0; i < k; i++) rest[i]! -= code * gram[row + i]!;
  }
  return rest;
}

/** Atoms out of use whose gradient exceeds the limit, strongest first. */
function violators(gradient: Float64Array, codes: Float64Array, limit: number): number[] {
  const found: number[] = [];
  for (let j = 0; j < codes.length; j++) {
    if (codes[j] === 0 && Math.abs(gradient[j]!) > limit) found.push(j);
  }
  return found.sort((a, b) => Math.abs(gradient[b]!) - Math.abs(gradient[a]!) || a - b);
}
