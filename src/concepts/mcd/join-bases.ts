import { multiplyTransposed, transpose, type Matrix } from '../../metrics/matrix-product.js';
import { symmetricEigen } from '../../metrics/symmetric-eigen.js';
import type { Vectors } from '../vectors.js';
import { orthogonalComplement } from './orthogonal-complement.js';

export interface JoinedBases {
  /** All atoms of the bases, then an orthonormal basis of what is orthogonal to them all: [A, C]. */
  readonly dictionary: Vectors;
  /** [A, C]: codes = weight · v, of which dictionary' · codes = v. */
  readonly weight: Vectors;
  /** Dimensions of the space that the bases span together. */
  readonly rank: number;
}

/**
 * Singular values of the joined atoms below this count as 0: the codes would be large numbers that nearly
 * cancel, and float32 has seven digits.
 */
const SMALLEST = 0.01;

/**
 * Joins orthonormal bases of subspaces to a dictionary that spans the whole space, and finds the codes that
 * take any vector apart exactly. Independent bases have one such decomposition; where they depend on each
 * other (or are more than C), it is the one of smallest codes, by the pseudo-inverse.
 */
export function joinBases(bases: readonly Vectors[]): JoinedBases {
  const atoms = stacked(bases.map(toMatrix));
  const { basis, squares } = rowSpace(atoms);
  const complement = orthogonalComplement(basis);
  // With the atoms A = W Σ V', the pseudo-inverse of A' is A V Σ^-2 V'.
  const scaled = scaleColumns(
    multiplyTransposed(atoms, basis),
    squares.map((square) => 1 / square),
  );
  const weight = multiplyTransposed(scaled, transpose(basis));
  return {
    dictionary: toVectors(stacked([atoms, complement])),
    weight: toVectors(stacked([weight, complement])),
    rank: basis.rows,
  };
}

/** Orthonormal right singular vectors [r, C] of the atoms, and the squares of their singular values. */
function rowSpace(atoms: Matrix): { basis: Matrix; squares: Float64Array } {
  const wide = atoms.rows <= atoms.columns;
  const sides = wide ? atoms : transpose(atoms);
  const n = sides.rows;
  const { values, vectors } = symmetricEigen(multiplyTransposed(sides, sides).data, n);
  const rank = values.filter((value) => value > SMALLEST ** 2).length;
  const squares = values.slice(0, rank);
  const singular = { rows: rank, columns: n, data: vectors.slice(0, rank * n) };
  if (!wide) return { basis: singular, squares };
  // V' = Σ^-1 W' A
  const turned = multiplyTransposed(transpose(atoms), singular);
  return {
    basis: transpose(
      scaleColumns(
        turned,
        squares.map((s) => 1 / Math.sqrt(s)),
      ),
    ),
    squares,
  };
}

function scaleColumns({ rows, columns, data }: Matrix, factors: Float64Array): Matrix {
  return { rows, columns, data: data.map((value, i) => value * factors[i % columns]!) };
}

function stacked(parts: readonly Matrix[]): Matrix {
  const columns = parts[0]!.columns;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const data = new Float64Array(rows * columns);
  let place = 0;
  for (const part of parts) {
    data.set(part.data, place);
    place += part.data.length;
  }
  return { rows, columns, data };
}

const toMatrix = ({ count, width, data }: Vectors): Matrix => ({
  rows: count,
  columns: width,
  data: Float64Array.from(data),
});

const toVectors = ({ rows, columns, data }: Matrix): Vectors => ({
  count: rows,
  width: columns,
  data: Float32Array.from(data),
});
