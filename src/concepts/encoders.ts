/** From feature vectors to codes: the few ways in which the methods do it. */
import type { ConceptModel } from './concept-model.js';
import { nonNegativeCodes } from './non-negative-codes.js';
import { dot, rowOf, timesTransposed, vectors, type Vectors } from './vectors.js';

export type Encoder =
  /** codes = W (v − offset): orthonormal atoms, or their pseudo-inverse. W is [A, C]. */
  | { readonly kind: 'linear'; readonly weight: Vectors }
  /** The atom nearest by angle gets the projection on it, all others 0. */
  | { readonly kind: 'nearest' }
  /** Codes ≥ 0 with the smallest squared error: NMF and semi-NMF. */
  | { readonly kind: 'non-negative' }
  /** The `active` largest of relu(W (v − offset) + b), all others 0: sparse autoencoder. */
  | {
      readonly kind: 'top-k';
      readonly weight: Vectors;
      readonly bias: Float32Array;
      readonly active: number;
    };

export function encodeRows(model: ConceptModel, v: Vectors): Vectors {
  const { encoder, dictionary } = model;
  const centred = subtract(v, model.offset);
  switch (encoder.kind) {
    case 'linear':
      return timesTransposed(centred, encoder.weight);
    case 'nearest':
      return nearestAtom(centred, dictionary);
    case 'non-negative':
      return nonNegativeCodes(centred, dictionary);
    case 'top-k':
      return topCodes(timesTransposed(centred, encoder.weight), encoder.bias, encoder.active);
  }
}

function subtract(v: Vectors, offset: Float32Array): Vectors {
  const out = vectors(v.count, v.width);
  for (let i = 0; i < v.data.length; i++) out.data[i] = v.data[i]! - offset[i % v.width]!;
  return out;
}

function nearestAtom(v: Vectors, atoms: Vectors): Vectors {
  const lengths = Float64Array.from({ length: atoms.count }, (_, a) =>
    Math.sqrt(dot(rowOf(atoms, a), rowOf(atoms, a))),
  );
  const products = timesTransposed(v, atoms);
  const codes = vectors(v.count, atoms.count);
  for (let i = 0; i < v.count; i++) {
    const row = rowOf(products, i);
    let best = 0;
    for (let a = 1; a < row.length; a++) {
      if (row[a]! / lengths[a]! > row[best]! / lengths[best]!) best = a;
    }
    rowOf(codes, i)[best] = row[best]! / lengths[best]! ** 2;
  }
  return codes;
}

function topCodes(products: Vectors, bias: Float32Array, active: number): Vectors {
  const codes = vectors(products.count, products.width);
  for (let i = 0; i < products.count; i++) {
    const values = rowOf(products, i).map((value, a) => Math.max(0, value + bias[a]!));
    // Ties go to the first atom, so that codes do not depend on the sort.
    const order = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b);
    for (const a of order.slice(0, active)) rowOf(codes, i)[a] = values[a]!;
  }
  return codes;
}
