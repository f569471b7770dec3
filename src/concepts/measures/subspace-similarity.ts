import { InputError } from '../../errors.js';
import { symmetricEigenvalues } from '../../metrics/symmetric-eigenvalues.js';
import type { Vectors } from '../vectors.js';
import { inner, Span } from './span.js';

/**
 * Principal angles between the spans of the rows of `a` [n, C] and `b` [m, C], in radians from 0 to π/2,
 * smallest first, as many as the smaller span has dimensions (Björck and Golub 1973): their cosines are
 * the singular values of the product of both orthonormal bases. Angles below about 1e-4 are rounding
 * errors of float32 rows.
 */
export function principalAngles(a: Vectors, b: Vectors): Float64Array {
  const products = basisProducts(...spansOf(a, b));
  const n = products.length;
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) gram[i * n + j] = inner(products[i]!, products[j]!);
  }
  return symmetricEigenvalues(gram, n)
    .map((square) => Math.acos(Math.sqrt(Math.min(1, Math.max(0, square)))))
    .sort();
}

/**
 * Mean cos² of the principal angles between the spans of two sets of rows, 0 (orthogonal) to 1 (one holds
 * the other). For single rows it is their squared cosine: signs and lengths do not count.
 */
export function subspaceSimilarity(a: Vectors, b: Vectors): number {
  return spanSimilarity(...spansOf(a, b));
}

/** The same for spans; an empty one is like no other. */
export function spanSimilarity(a: Span, b: Span): number {
  const products = basisProducts(a, b);
  if (products.length === 0) return 0;
  // The sum of all squared singular values is the squared Frobenius norm.
  return products.reduce((sum, row) => sum + inner(row, row), 0) / products.length;
}

function spansOf(a: Vectors, b: Vectors): [Span, Span] {
  if (a.width !== b.width) {
    throw new InputError(
      `subspaces of vectors of ${a.width} and of ${b.width} channels cannot be compared`,
    );
  }
  const spans: [Span, Span] = [Span.of(a), Span.of(b)];
  if (spans.some(({ dimension }) => dimension === 0)) {
    throw new InputError('a subspace whose rows are all 0 has no angle to another');
  }
  return spans;
}

/** Inner products of the two bases: a row for each direction of the smaller span. */
function basisProducts(a: Span, b: Span): Float64Array[] {
  const [small, large] = a.dimension <= b.dimension ? [a, b] : [b, a];
  return small.basis.map((row) => Float64Array.from(large.basis, (other) => inner(row, other)));
}
