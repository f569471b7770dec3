import { InputError } from '../../errors.js';
import { fitFactors } from '../factorisation/fit-factors.js';
import type { Vectors } from '../vectors.js';
import type { ConceptMethod } from './method.js';

/** Negative values down to this share of the largest value are rounding errors. */
const ROUNDING = 1e-6;

/**
 * Non-negative matrix factorisation, as CRAFT uses it: vectors are sums of parts that never cancel. Needs
 * values ≥ 0, as behind a ReLU.
 */
export const nmf: ConceptMethod = {
  name: 'nmf',
  summary: 'parts that only add up (non-negative matrix factorisation), for maps without negatives',
  async fit(v, options) {
    return fitFactors('nmf', nonNegative(v), options, { nonNegativeAtoms: true });
  },
};

function nonNegative(v: Vectors): Vectors {
  let lowest = 0;
  let highest = 0;
  for (const value of v.data) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  if (lowest === 0) return v;
  if (lowest < -ROUNDING * highest) {
    throw new InputError(
      `nmf needs values of at least 0, these feature vectors go down to ${Number(lowest.toPrecision(3))}: use pca, semi-nmf or sae for signed features`,
    );
  }
  return { ...v, data: v.data.map((value) => Math.max(0, value)) };
}
