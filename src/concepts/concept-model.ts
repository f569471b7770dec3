/** A fitted dictionary of concepts, the same for every method: feature vectors to codes and back. */
import { InputError } from '../errors.js';
import { encodeRows, type Encoder } from './encoders.js';
import { dot, rowOf, selectRows, weightedSums, type Vectors } from './vectors.js';

/** One concept: a stretch of the dictionary's atoms. Most methods give one atom to each. */
export interface Concept {
  readonly name: string;
  /** Index of the first atom and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/**
 * v ≈ offset + Σ_k v_k, where v_k = codes of concept k · its atoms. What the sum leaves of v is the
 * `rest`; methods whose atoms span the whole space (MCD with its complement) leave none.
 */
export interface ConceptModel {
  /** Name in the registry of methods. */
  readonly method: string;
  readonly concepts: readonly Concept[];
  /** Atoms [A, C]. */
  readonly dictionary: Vectors;
  /** [C]; zeros where the method does not centre. */
  readonly offset: Float32Array;
  readonly encoder: Encoder;
  /** What the fit tells about itself: iterations, errors, numbers of outliers. */
  readonly diagnostics: Readonly<Record<string, number>>;
}

/** Codes [N, A] of feature vectors [N, C]. */
export function encode(model: ConceptModel, v: Vectors): Vectors {
  if (v.width !== model.dictionary.width) {
    throw new InputError(
      `the concepts were fitted to vectors of ${model.dictionary.width} channels, these have ${v.width}`,
    );
  }
  return encodeRows(model, v);
}

/** Feature vectors [N, C] of codes [N, A]. */
export function decode(model: ConceptModel, codes: Vectors): Vectors {
  const out = weightedSums(codes, model.dictionary);
  for (let i = 0; i < out.count; i++) {
    const row = rowOf(out, i);
    for (let c = 0; c < row.length; c++) row[c]! += model.offset[c]!;
  }
  return out;
}

/** The part v_k [N, C] of concept number `index`. */
export function component(model: ConceptModel, codes: Vectors, index: number): Vectors {
  const { start, end } = conceptAt(model, index);
  return weightedSums(codes, model.dictionary, start, end);
}

/** The atoms of concept number `index`, [end − start, C]. */
export function atomsOf(model: ConceptModel, index: number): Vectors {
  const { start, end } = conceptAt(model, index);
  return selectRows(
    model.dictionary,
    Array.from({ length: end - start }, (_, i) => start + i),
  );
}

/** How strongly each vector holds concept `index`: the length of v_k, [N]. */
export function activation(model: ConceptModel, codes: Vectors, index: number): Float32Array {
  const parts = component(model, codes, index);
  return Float32Array.from({ length: parts.count }, (_, i) => {
    const row = rowOf(parts, i);
    return Math.sqrt(dot(row, row));
  });
}

export function conceptAt(model: ConceptModel, index: number): Concept {
  const concept = model.concepts[index];
  if (concept === undefined) {
    throw new InputError(
      `there is no concept ${index}: ${model.method} found ${model.concepts.length}, numbered from 0`,
    );
  }
  return concept;
}
