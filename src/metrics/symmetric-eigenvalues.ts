import { InputError, WorkError } from '../errors.js';

/**
 * All eigenvalues of a symmetric matrix, smallest first.
 *
 * Householder reduction to tridiagonal form, then implicit QL (Golub and Van Loan, sections 8.3.1
 * and 8.3.3), without eigenvectors: about n^3 / 6 passes of the inner loop, seconds at n = 2048. The
 * error is rounding relative to the largest eigenvalue, also for those that should be zero.
 *
 * @param matrix [n, n] row by row; only the lower triangle is read, and nothing is written
 */
export function symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
  if (matrix.length !== n * n) {
    throw new InputError(`eigenvalues: ${matrix.length} values are not a ${n}x${n} matrix`);
  }
  const scale = powerOfTwo(largest(matrix));
  const { diagonal, offDiagonal } = tridiagonalise(
    matrix.map((value) => value / scale),
    n,
  );
  return tridiagonalEigenvalues(diagonal, offDiagonal)
    .map((value) => value * scale)
    .sort();
}

/**
 * The one at or below a size: dividing by it is exact and keeps squares from under- and overflowing. 1 for
 * zero, and for sizes that are not finite, which the iteration reports.
 */
function powerOfTwo(size: number): number {
  const exponent = Math.floor(Math.log2(size));
  return Number.isFinite(exponent) ? 2 ** Math.max(exponent, -1022) : 1;
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry i couples i - 1 and i; entry 0 is 0. */
  readonly offDiagonal: Float64Array;
}

/**
 * Reflects one row after the other, from the last upwards, working in place on the lower triangle.
 * The rank-two update of one reflection and the product that the next one needs share a sweep over
 * the matrix, because memory is what limits the speed.
 */
function tridiagonalise(a: Float64Array, n: number): Tridiagonal {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  let u = new Float64Array(n);
  let q = new Float64Array(n);
  let nextU = new Float64Array(n);
  let nextQ = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    // The pending update A -= u q' + q u' has not reached row i yet.
    const row = i * n;
    for (let k = 0; k <= i; k++) a[row + k]! -= u[i]! * q[k]! + q[i]! * u[k]!;
    diagonal[i] = a[row + i]!;
    if (i === 0) break;
    const { norm, halfSquare } = reflector(a.subarray(row, row + i), nextU);
    offDiagonal[i] = norm;
    nextQ.fill(0);
    updateAndMultiply(a, n, i, u, q, nextU, nextQ);
    if (halfSquare > 0) {
      let inner = 0;
      for (let k = 0; k < i; k++) {
        nextQ[k]! /= halfSquare;
        inner += nextQ[k]! * nextU[k]!;
      }
      const shift = inner / (2 * halfSquare);
      for (let k = 0; k < i; k++) nextQ[k]! -= shift * nextU[k]!;
    }
    [u, nextU] = [nextU, u];
    [q, nextQ] = [nextQ, q];
  }
  return { diagonal, offDiagonal };
}

/**
 * Householder vector u (written to the front of `out`, zeros if there is nothing to reflect) that
 * maps x onto its last axis: (I - u u' / halfSquare) x = norm e.
 */
function reflector(x: Float64Array, out: Float64Array): { norm: number; halfSquare: number } {
  const last = x.length - 1;
  const head = largest(x.subarray(0, last));
  if (head === 0) {
    out.fill(0, 0, x.length);
    return { norm: x[last]!, halfSquare: 0 };
  }
  const scale = Math.max(head, Math.abs(x[last]!));
  let square = 0;
  for (let k = 0; k <= last; k++) {
    out[k] = x[k]! / scale;
    square += out[k]! * out[k]!;
  }
  const norm = out[last]! > 0 ? -Math.sqrt(square) : Math.sqrt(square);
  const halfSquare = square - out[last]! * norm;
  out[last]! -= norm;
  return { norm: norm * scale, halfSquare };
}

function largest(x: Float64Array): number {
  let value = 0;
  for (let k = 0; k < x.length; k++) value = Math.max(value, Math.abs(x[k]!));
  return value;
}

/** A -= u q' + q u', and p += A v, on the lower triangle of the leading m x m block. */
function updateAndMultiply(
  a: Float64Array,
  n: number,
  m: number,
  u: Float64Array,
  q: Float64Array,
  v: Float64Array,
  p: Float64Array,
): void {
  for (let j = 0; j < m; j++) {
    const row = j * n;
    const uj = u[j]!;
    const qj = q[j]!;
    const vj = v[j]!;
    let sum = 0;
    for (let k = 0; k < j; k++) {
      const value = a[row + k]! - uj * q[k]! - qj * u[k]!;
      a[row + k] = value;
      sum += value * v[k]!;
      p[k]! += value * vj;
    }
    const value = a[row + j]! - 2 * uj * qj;
    a[row + j] = value;
    p[j]! += sum + value * vj;
  }
}

/** Implicit QL with Wilkinson's shift; both arrays are overwritten. */
function tridiagonalEigenvalues(d: Float64Array, offDiagonal: Float64Array): Float64Array {
  const n = d.length;
  const e = new Float64Array(n);
  e.set(offDiagonal.subarray(1));
  // Every sweep leaves rounding of this size: where all entries are smaller, as a singular matrix has
  // them, a limit relative to the neighbours alone is never reached.
  const floor = Number.EPSILON * Math.max(largest(d), largest(e));
  for (let start = 0; start < n; start++) {
    for (let sweep = 0; ; sweep++) {
      const end = firstUncoupled(d, e, start, floor);
      if (end === start) break;
      if (sweep === 60)
        throw new WorkError('eigenvalues: no convergence; the matrix is not finite');
      sweepQl(d, e, start, end);
    }
  }
  return d;
}

/** The first index from `start` whose coupling to the next is negligible. */
function firstUncoupled(d: Float64Array, e: Float64Array, start: number, floor: number): number {
  let m = start;
  for (; m < d.length - 1; m++) {
    const size = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
    if (Math.abs(e[m]!) <= Math.max(Number.EPSILON * size, floor)) break;
  }
  return m;
}

/** One implicit QL sweep over the block from `start` to `end`. */
function sweepQl(d: Float64Array, e: Float64Array, start: number, end: number): void {
  const half = (d[start + 1]! - d[start]!) / (2 * e[start]!);
  const root = Math.hypot(half, 1);
  let g = d[end]! - d[start]! + e[start]! / (half + (half < 0 ? -root : root));
  let sine = 1;
  let cosine = 1;
  let p = 0;
  for (let i = end - 1; i >= start; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= p;
      e[end] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1]! - p;
    const s = (d[i]! - g) * sine + 2 * cosine * b;
    p = sine * s;
    d[i + 1] = g + p;
    g = cosine * s - b;
  }
  d[start]! -= p;
  e[start] = g;
  e[end] = 0;
}
