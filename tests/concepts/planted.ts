/** Vectors whose structure is known. */
import { rowOf, vectors, weightedSums, type Vectors } from '../../src/concepts/vectors.js';
import { unitRows } from '../../src/concepts/methods/single-atoms.js';
import { Random } from '../../src/random.js';

export interface Planted {
  readonly v: Vectors;
  /** [A, C], unit length. */
  readonly atoms: Vectors;
}

export interface PlantedOptions {
  readonly count: number;
  readonly channels: number;
  readonly atoms: number;
  /** Atoms that each vector is made of, with weights from 0.5 to 1.5. */
  readonly active: number;
  readonly noise?: number;
  /** Whether atoms have no negative values. */
  readonly nonNegative?: boolean;
  readonly seed: number;
}

/** Sums of a few random atoms each, and noise. */
export function plantedSums(options: PlantedOptions): Planted {
  const { count, channels, active, noise = 0, nonNegative = false } = options;
  const random = new Random(options.seed);
  const drawn = vectors(options.atoms, channels);
  random.fillNormal(drawn.data);
  if (nonNegative) drawn.data.forEach((value, i) => (drawn.data[i] = Math.max(0, value)));
  const atoms = unitRows(drawn);
  const codes = vectors(count, options.atoms);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < active; k++)
      rowOf(codes, i)[random.int(options.atoms)] = 0.5 + random.uniform();
  }
  const v = weightedSums(codes, atoms);
  for (let i = 0; i < v.data.length; i++) {
    const value = v.data[i]! + noise * random.normal();
    v.data[i] = nonNegative ? Math.max(0, value) : value;
  }
  return { v, atoms };
}

/** Normal values, or their absolute values. */
export function noiseVectors(
  count: number,
  channels: number,
  seed: number,
  nonNegative = false,
): Vectors {
  const v = vectors(count, channels);
  new Random(seed).fillNormal(v.data);
  if (nonNegative) v.data.forEach((value, i) => (v.data[i] = Math.abs(value)));
  return v;
}
