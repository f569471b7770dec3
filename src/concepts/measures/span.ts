/** Subspaces of feature space, each as an orthonormal basis that grows row by row. */
import { rowOf, type Vectors } from '../vectors.js';

/** A row is new to a span where more than this share of its length lies outside; atoms are float32. */
const INDEPENDENT = 1e-5;

export class Span {
  /** Orthonormal rows. */
  readonly basis: Float64Array[] = [];

  /** The span of all rows of a matrix. */
  static of(v: Vectors): Span {
    const span = new Span();
    for (let i = 0; i < v.count; i++) span.add(rowOf(v, i));
    return span;
  }

  /** Widens the span by a row; gives the new basis vector, undefined where the row lies inside. */
  add(row: ArrayLike<number>): Float64Array | undefined {
    const rest = Float64Array.from(row);
    const length = norm(rest);
    // No more directions than channels, whatever rounding leaves outside.
    if (length === 0 || this.basis.length === rest.length) return undefined;
    // Gram-Schmidt twice: once loses orthogonality where the row lies almost inside.
    for (let pass = 0; pass < 2; pass++) {
      for (const direction of this.basis) addMultiple(rest, direction, -inner(rest, direction));
    }
    const outside = norm(rest);
    if (outside <= INDEPENDENT * length) return undefined;
    const direction = rest.map((value) => value / outside);
    this.basis.push(direction);
    return direction;
  }

  get dimension(): number {
    return this.basis.length;
  }
}

export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export const norm = (a: ArrayLike<number>): number => Math.sqrt(inner(a, a));

function addMultiple(to: Float64Array, row: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * row[i]!;
}
