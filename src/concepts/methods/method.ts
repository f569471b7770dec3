/** What every method of concept discovery offers. */
import type { ConceptModel } from '../concept-model.js';
import type { Vectors } from '../vectors.js';

export interface FitOptions {
  /** How many concepts; each method has its own default, and MCD finds the number where it is not given. */
  readonly count?: number | undefined;
  /** Decides starting values and the choice of vectors. */
  readonly seed: number;
  readonly threads?: number | undefined;
  /** MCD: ratio α₀/α of the sparse self-representation; larger is denser. Default 50, its authors' choice. */
  readonly gamma?: number | undefined;
  /** Sparse autoencoder: codes that are not 0. */
  readonly active?: number | undefined;
  readonly onProgress?: ((stage: string, done: number, total: number) => void) | undefined;
}

export interface ConceptMethod {
  readonly name: string;
  /** One line for the help text. */
  readonly summary: string;
  /**
   * Fits concepts to feature vectors [N, C] as they are in the map; a method that wants them normalised
   * does it itself. Throws InputError for vectors that it cannot take.
   */
  fit(v: Vectors, options: FitOptions): Promise<ConceptModel>;
}
