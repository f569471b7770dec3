import { improveCodes, type Descent } from '../non-negative-codes.js';
import { dot, rowOf, squaredNorm, transposed, vectors, type Vectors } from '../vectors.js';
import { FactorProducts } from './factor-products.js';

export interface FactorOptions {
  /** Whether the atoms must be ≥ 0, as the codes always are. */
  readonly nonNegativeAtoms: boolean;
  /** Most iterations. Default 200. */
  readonly iterations?: number | undefined;
  readonly threads?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Factors {
  /** [N, K], ≥ 0 */
  readonly codes: Vectors;
  /** [K, C] */
  readonly atoms: Vectors;
  readonly iterations: number;
}

const ITERATIONS = 200;
/** An iteration that lowers the squared error by less than this share of the first one's is the last. */
const TOLERANCE = 1e-5;
/** Sweeps over each factor between two products with the data, which cost the most. */
const SWEEPS = 4;

/**
 * V ≈ codes · atoms with codes ≥ 0 and the smallest squared error that alternating descent from `start`
 * reaches: HALS (Cichocki, Zdunek and Amari 2007) with several sweeps for each product (Gillis and Glineur
 * 2012). No iteration raises the error.
 */
export async function factorise(
  v: Vectors,
  start: Vectors,
  { nonNegativeAtoms, iterations: most = ITERATIONS, threads, onProgress }: FactorOptions,
): Promise<Factors> {
  const codes = vectors(v.count, start.count);
  const loadings = transposed(start);
  const forCodes: Descent = { sweeps: SWEEPS, nonNegative: true };
  const forLoadings: Descent = { sweeps: SWEEPS, nonNegative: nonNegativeAtoms };
  const energy = squaredNorm(v);
  const products = await FactorProducts.compile(v, start.count, threads);
  let iterations = 0;
  let first = Infinity;
  for (let before = Infinity; iterations < most;) {
    const ofCodes = await products.forCodes(loadings);
    improveCodes(codes, ofCodes.products, ofCodes.gram, forCodes);
    const ofLoadings = await products.forLoadings(codes);
    improveCodes(loadings, ofLoadings.products, ofLoadings.gram, forLoadings);
    const error = energy + missing(loadings, ofLoadings.products, ofLoadings.gram);
    iterations++;
    onProgress?.(iterations, most);
    if (iterations === 1) first = error;
    else if (!(before - error > TOLERANCE * first)) break;
    before = error;
  }
  await products.dispose();
  onProgress?.(most, most);
  return { codes, atoms: transposed(loadings), iterations };
}

/** ‖V − H L'‖² − ‖V‖² from V'H and H'H, without another pass over the data. */
function missing(loadings: Vectors, products: Vectors, gram: Vectors): number {
  let sum = 0;
  for (let c = 0; c < loadings.count; c++) {
    const row = rowOf(loadings, c);
    for (let a = 0; a < row.length; a++) {
      sum += row[a]! * (dot(rowOf(gram, a), row) - 2 * products.data[c * row.length + a]!);
    }
  }
  return sum;
}
