/** What methods with one atom for each concept share. */
import type { Concept } from '../concept-model.js';
import { dot, rowOf, squaredNorm, type Vectors } from '../vectors.js';

/** One concept for each atom. */
export function oneAtomEach(count: number): Concept[] {
  return Array.from({ length: count }, (_, k) => ({
    name: `concept ${k}`,
    start: k,
    end: k + 1,
  }));
}

/** The rows at unit length; rows of 0 stay. */
export function unitRows(v: Vectors): Vectors {
  const out: Vectors = { ...v, data: v.data.slice() };
  for (let i = 0; i < out.count; i++) {
    const row = rowOf(out, i);
    const length = Math.sqrt(dot(row, row));
    if (length > 0) for (let c = 0; c < row.length; c++) row[c]! /= length;
  }
  return out;
}

/** Σ code² of each atom, [A]. */
export function codeEnergies(codes: Vectors): Float64Array {
  const energies = new Float64Array(codes.width);
  codes.data.forEach((code, i) => (energies[i % codes.width]! += code * code));
  return energies;
}

/** Numbers of the atoms, the one of most energy first; of equal ones the lower number. */
export function byEnergy(energies: Float64Array): number[] {
  return [...energies.keys()].sort((a, b) => energies[b]! - energies[a]! || a - b);
}

/** ‖v − approximation‖ / ‖v‖ over all vectors. */
export function relativeError(v: Vectors, approximation: Vectors): number {
  let error = 0;
  for (let i = 0; i < v.data.length; i++) error += (v.data[i]! - approximation.data[i]!) ** 2;
  return Math.sqrt(error / squaredNorm(v));
}
