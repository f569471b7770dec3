import { fitFactors } from '../factorisation/fit-factors.js';
import type { ConceptMethod } from './method.js';

/**
 * Semi-NMF (Ding, Li and Jordan, "Convex and semi-nonnegative matrix factorizations", 2010): signed atoms,
 * codes ≥ 0. Their objective, by coordinate descent in place of multiplicative updates (Gillis and Kumar
 * 2015), which ends at the same kind of point in fewer passes.
 */
export const semiNmf: ConceptMethod = {
  name: 'semi-nmf',
  summary: 'signed directions that only add up: NMF for maps with negative values',
  fit: (v, options) => fitFactors('semi-nmf', v, options, { nonNegativeAtoms: false }),
};
