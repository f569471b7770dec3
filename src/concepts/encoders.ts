/** From feature vectors to codes: the few ways in which the methods do it. */
import type { ConceptModel } from './concept-model.js';
import { nonNegativeCodes } from './non-negative-codes.js';
import { dot, rowOf, subtractRow, timesTransposed, vectors, type Vectors } from './vectors.js';

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
  const centred = subtractRow(v, model.offset);
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

function nearestAtom(v: Vectors, atoms: Vectors): Vectors {
  // Without length there is no angle: such an atom is as far as one at a right angle.
  const lengths = Array.from(
    { length: atoms.count },
    (_, a) => Math.sqrt(dot(rowOf(atoms, a), rowOf(atoms, a))) || Infinity,
  );
  const products = timesTransposed(v, atoms);
  const codes = vectors(v.count, atoms.count);
  for (let i = 0; i < v.count; i++) {
    const projections = rowOf(products, i).map((product, a) => product / lengths[a]!);
    let best = 0;
    for (let a = 1; a < projections.length; a++) if (projections[a]! > projections[best]!) best = a;
    rowOf(codes, i)[best] = projections[best]! / lengths[best]!;
  }
  return codes;
}

function topCodes(products: Vectors, bias: Float32Array, active: number): Vectors {
  const codes = vectors(products.count, products.width);
  for (let i = 0; i < products.count; i++) {
    const values = rowOf(products, i).map((value, a) => Math.max(0, value + bias[a]!));
    // The smallest value that is still chosen; of equal ones the first are, as in the engine.
    const threshold = values.toSorted()[values.length - active]!;
    const code = rowOf(codes, i);
    let left = active;
    values.forEach((value, a) => {
      if (value <= threshold) return;
      code[a] = value;
      left--;
    });
    for (let a = 0; left > 0; a++) {
      if (values[a] !== threshold) continue;
      code[a] = threshold;
      left--;
    }
  }
  return codes;
}
