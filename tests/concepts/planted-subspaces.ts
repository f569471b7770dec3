/** Vectors near a few known subspaces, and others near none. */
import { timesTransposed, rowOf, vectors, type Vectors } from '../../src/concepts/vectors.js';
import { unitRows } from '../../src/concepts/methods/single-atoms.js';
import { symmetricEigen } from '../../src/metrics/symmetric-eigen.js';
import { Random } from '../../src/random.js';

export interface PlantedSubspaces {
  readonly v: Vectors;
  /** Orthonormal rows of each subspace. */
  readonly bases: readonly Vectors[];
}

export interface PlantedSubspacesOptions {
  readonly channels: number;
  /** Dimension of each subspace. */
  readonly dimensions: readonly number[];
  /** Vectors of each. */
  readonly perSubspace: number;
  /** Share of all vectors that lie anywhere. */
  readonly outliers: number;
  /** Length of the noise as a share of a vector's. */
  readonly noise: number;
  readonly seed: number;
}

/** Normal combinations of each subspace's directions, with lengths from 1 to 5, noise, and outliers. */
export function plantedSubspaces(options: PlantedSubspacesOptions): PlantedSubspaces {
  const { channels, dimensions, perSubspace, outliers, noise } = options;
  const random = new Random(options.seed);
  const bases = dimensions.map((dimension) => randomBasis(dimension, channels, random));
  const inside = dimensions.length * perSubspace;
  const count = Math.round(inside / (1 - outliers));
  const v = vectors(count, channels);
  for (let i = 0; i < count; i++) {
    const row = rowOf(v, i);
    const basis = i < inside ? bases[i % bases.length] : undefined;
    if (basis === undefined) random.fillNormal(row);
    else {
      for (let k = 0; k < basis.count; k++) {
        const weight = random.normal();
        rowOf(basis, k).forEach((value, c) => (row[c]! += weight * value));
      }
    }
    const length = Math.hypot(...row);
    const scale = (1 + 4 * random.uniform()) / length;
    const spread = (noise * length) / Math.sqrt(channels);
    for (let c = 0; c < channels; c++) row[c] = scale * (row[c]! + spread * random.normal());
  }
  return { v, bases };
}

/** Gram-Schmidt on normal vectors. */
function randomBasis(dimension: number, channels: number, random: Random): Vectors {
  const basis = vectors(dimension, channels);
  for (let k = 0; k < dimension; k++) {
    const row = random.fillNormal(rowOf(basis, k));
    for (let j = 0; j < k; j++) {
      const other = rowOf(basis, j);
      const product = row.reduce((sum, value, c) => sum + value * other[c]!, 0);
      row.forEach((value, c) => (row[c] = value - product * other[c]!));
    }
    row.set(unitRows({ count: 1, width: channels, data: row.slice() }).data);
  }
  return basis;
}

/** The largest principal angle between the spans of two orthonormal bases of equal dimension, in degrees. */
export function largestAngle(first: Vectors, second: Vectors): number {
  const cosines = timesTransposed(first, second);
  const squares = timesTransposed(cosines, cosines);
  const { values } = symmetricEigen(Float64Array.from(squares.data), first.count);
  return (Math.acos(Math.sqrt(Math.min(1, Math.max(0, values.at(-1)!)))) * 180) / Math.PI;
}
