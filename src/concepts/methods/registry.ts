/** Every method of concept discovery. A new one is a file of this folder and a line here. */
import { InputError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import { kMeansMethod } from './k-means.js';
import { mcd } from './mcd.js';
import type { ConceptMethod } from './method.js';
import { nmf } from './nmf.js';
import { pca } from './pca.js';
import { sae } from './sae.js';
import { semiNmf } from './semi-nmf.js';

export const CONCEPT_METHODS: readonly ConceptMethod[] = [
  mcd,
  kMeansMethod,
  pca,
  nmf,
  semiNmf,
  sae,
];

/** Throws InputError with the nearest name where there is no such method. */
export function findConceptMethod(name: string): ConceptMethod {
  const found = CONCEPT_METHODS.find((method) => method.name === name);
  if (found !== undefined) return found;
  const names = CONCEPT_METHODS.map((method) => method.name);
  const near = nearest(name, names);
  throw new InputError(
    `there is no concept method "${name}": ${near === undefined ? `the methods are ${names.join(', ')}` : `did you mean "${near}"?`}`,
  );
}
