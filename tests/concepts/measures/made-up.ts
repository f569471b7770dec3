/** Small models whose measures can be worked out by hand. */
import { expect } from 'vitest';

import type { ConceptModel } from '../../../src/concepts/concept-model.js';
import type { Encoder } from '../../../src/concepts/encoders.js';
import { vectors, type Vectors } from '../../../src/concepts/vectors.js';
import { Random } from '../../../src/random.js';

export function rows(...values: readonly (readonly number[])[]): Vectors {
  return { count: values.length, width: values[0]!.length, data: Float32Array.from(values.flat()) };
}

/** Concepts of the given sizes over the rows of `dictionary`; by default each atom is one. */
export function madeUpModel(
  dictionary: Vectors,
  {
    sizes = new Array<number>(dictionary.count).fill(1),
    offset = new Array<number>(dictionary.width).fill(0),
    encoder = { kind: 'linear', weight: dictionary },
  }: { sizes?: number[]; offset?: number[]; encoder?: Encoder } = {},
): ConceptModel {
  let start = 0;
  return {
    method: 'made up',
    concepts: sizes.map((size, k) => {
      start += size;
      return { name: `concept ${k}`, start: start - size, end: start };
    }),
    dictionary,
    offset: Float32Array.from(offset),
    encoder,
    diagnostics: {},
  };
}

export function randomRows(count: number, width: number, seed: number): Vectors {
  const v = vectors(count, width);
  new Random(seed).fillNormal(v.data);
  return v;
}

/** Stands for any number that agrees with `value` to so many decimals. */
export const near = (value: number, decimals = 6): number =>
  expect.closeTo(value, decimals) as number;
