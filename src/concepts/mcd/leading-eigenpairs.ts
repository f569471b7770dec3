import { WorkError } from '../../errors.js';
import { symmetricEigen } from '../../metrics/symmetric-eigen.js';
import type { Random } from '../../random.js';

/** A symmetric matrix [n, n] known by its products with vectors. */
export interface SymmetricOperator {
  readonly size: number;
  /** Writes matrix · x to `out`. */
  readonly multiply: (x: Float64Array, out: Float64Array) => void;
}

export interface Eigenpairs {
  /** Largest first. */
  readonly values: Float64Array;
  /** One unit vector [n] for each value. */
  readonly vectors: readonly Float64Array[];
}

/** Up to this size all eigenvectors are computed at once. */
const MOST_DENSE = 400;
/** Vectors beyond the wanted ones, which make these converge sooner. */
const SPARE = 4;
/** Powers of the matrix between restarts. */
const DEPTH = 8;
const MOST_RESTARTS = 300;
/** Largest ‖A v − λ v‖ as a share of the largest |λ|. */
const TOLERANCE = 1e-5;

/**
 * The largest `count` eigenvalues of a symmetric matrix and their vectors; n where it has only that many.
 * Large matrices go through block Krylov spaces with restarts (Golub and Underwood 1977), which find
 * multiple eigenvalues as well. Throws WorkError without convergence.
 */
export function leadingEigenpairs(
  operator: SymmetricOperator,
  count: number,
  random: Random,
): Eigenpairs {
  const n = operator.size;
  const block = Math.min(count, n) + SPARE;
  if (n <= Math.max(MOST_DENSE, block * DEPTH)) return dense(operator, Math.min(count, n));
  let start: readonly Float64Array[] = Array.from({ length: block }, () =>
    Float64Array.from({ length: n }, () => random.normal()),
  );
  for (let restart = 0; restart < MOST_RESTARTS; restart++) {
    const ritz = ritzPairs(krylovSpace(operator, start), block);
    if (ritz.error(count) <= TOLERANCE) {
      return { values: ritz.values.slice(0, count), vectors: ritz.vectors.slice(0, count) };
    }
    start = ritz.vectors;
  }
  throw new WorkError(
    `the leading ${count} eigenvectors of a ${n}x${n} matrix did not converge in ${MOST_RESTARTS} restarts`,
  );
}

function dense({ size, multiply }: SymmetricOperator, count: number): Eigenpairs {
  const matrix = new Float64Array(size * size);
  const unit = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    unit[i] = 1;
    multiply(unit, matrix.subarray(i * size, (i + 1) * size));
    unit[i] = 0;
  }
  const { values, vectors } = symmetricEigen(matrix, size);
  return {
    values: values.slice(0, count),
    vectors: Array.from({ length: count }, (_, k) => vectors.slice(k * size, (k + 1) * size)),
  };
}

interface KrylovSpace {
  /** Orthonormal. */
  readonly basis: readonly Float64Array[];
  /** A · each of them. */
  readonly images: readonly Float64Array[];
}

/** The span of A^d v for all v of the block and d below DEPTH. */
function krylovSpace(operator: SymmetricOperator, start: readonly Float64Array[]): KrylovSpace {
  const basis: Float64Array[] = [];
  const images: Float64Array[] = [];
  let block = start;
  for (let power = 0; power < DEPTH; power++) {
    const from = basis.length;
    for (const vector of block) {
      const next = vector.slice();
      if (orthonormalise(next, basis)) basis.push(next);
    }
    for (const vector of basis.slice(from)) images.push(product(operator, vector));
    block = images.slice(from);
  }
  return { basis, images };
}

/** Takes the basis out of the vector and scales it to 1; false where hardly anything is left. */
function orthonormalise(vector: Float64Array, basis: readonly Float64Array[]): boolean {
  const before = norm(vector);
  // The second sweep removes what rounding leaves of the first.
  for (let sweep = 0; sweep < 2; sweep++) {
    for (const other of basis) addScaled(vector, other, -inner(vector, other));
  }
  const after = norm(vector);
  if (after <= 1e-10 * before) return false;
  for (let i = 0; i < vector.length; i++) vector[i]! /= after;
  return true;
}

/** Best approximations of eigenpairs within the span of a basis, largest first. */
function ritzPairs(
  { basis, images }: KrylovSpace,
  count: number,
): { values: Float64Array; vectors: Float64Array[]; error: (of: number) => number } {
  const m = basis.length;
  const small = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) small[i * m + j] = small[j * m + i] = inner(basis[i]!, images[j]!);
  }
  const { values, vectors: weights } = symmetricEigen(small, m);
  const combine = (of: readonly Float64Array[], k: number): Float64Array => {
    const sum = new Float64Array(of[0]!.length);
    of.forEach((vector, i) => addScaled(sum, vector, weights[k * m + i]!));
    return sum;
  };
  const vectors = Array.from({ length: Math.min(count, m) }, (_, k) => combine(basis, k));
  const scale = Math.max(Math.abs(values[0]!), Math.abs(values[m - 1]!), Number.MIN_VALUE);
  const error = (of: number): number =>
    vectors.slice(0, of).reduce((worst, vector, k) => {
      const rest = combine(images, k);
      addScaled(rest, vector, -values[k]!);
      return Math.max(worst, norm(rest) / scale);
    }, 0);
  return { values, vectors, error };
}

function product({ size, multiply }: SymmetricOperator, x: Float64Array): Float64Array {
  const out = new Float64Array(size);
  multiply(x, out);
  return out;
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const norm = (a: Float64Array): number => Math.sqrt(inner(a, a));

function addScaled(to: Float64Array, vector: Float64Array, scale: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += scale * vector[i]!;
}
