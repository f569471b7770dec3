/** Clusters of a graph from the leading eigenvectors of its normalised adjacency matrix. */
import { Random } from '../../random.js';
import { kMeans } from '../k-means.js';
import { rowOf, vectors, type Vectors } from '../vectors.js';
import { leadingEigenpairs } from './leading-eigenpairs.js';
import { multiply, rowSums, type SparseMatrix } from './sparse-matrix.js';

/** Most clusters among which the number is sought. */
const MOST_CLUSTERS = 20;
/** Eigenvalues of this size mean no more than 0. */
const NEAR_ZERO = 2e-4;
const KMEANS = { restarts: 20, iterations: 300 } as const;

export interface GraphClusters {
  readonly count: number;
  /** Cluster of each vertex. */
  readonly assignment: Uint32Array;
  /** How much the eigenvalue of the Laplacian rises after the last cluster's. */
  readonly gap: number;
}

/**
 * Normalised spectral clustering (Ng, Jordan and Weiss 2002). Without `count` the number of clusters, from
 * 2 to 20, is the number of eigenvalues of the Laplacian I − D^-½ A D^-½ near 0 (Soltanolkotabi and Candès
 * 2012): where they rise by the largest factor. Differences would mislead, because a clean subspace links
 * vectors to their neighbours only, and so has small eigenvalues of its own that rise ever faster.
 *
 * @param affinity symmetric, ≥ 0; vertices without edges go to any cluster
 */
export function spectralClustering(
  affinity: SparseMatrix,
  count: number | undefined,
  seed: number,
): GraphClusters {
  const random = new Random(seed);
  const matrix = normalised(affinity);
  const most = Math.min((count ?? MOST_CLUSTERS) + 1, matrix.size);
  const operator = {
    size: matrix.size,
    multiply: (x: Float64Array, out: Float64Array) => multiply(matrix, x, out),
  };
  const { values, vectors: eigenvectors } = leadingEigenpairs(operator, most, random.fork('start'));
  const found = count ?? steepestRise(values);
  const embedding = unitEmbedding(eigenvectors.slice(0, found));
  const { assignment } = kMeans(embedding, found, { ...KMEANS, random: random.fork('k-means') });
  const gap = found < values.length ? values[found - 1]! - values[found]! : 0;
  return { count: found, assignment, gap };
}

/** D^-½ A D^-½ with the row sums D. */
function normalised(affinity: SparseMatrix): SparseMatrix {
  const scales = rowSums(affinity).map((sum) => (sum === 0 ? 0 : 1 / Math.sqrt(sum)));
  const values = affinity.values.slice();
  for (let i = 0; i < affinity.size; i++) {
    for (let entry = affinity.starts[i]!; entry < affinity.starts[i + 1]!; entry++) {
      values[entry]! *= scales[i]! * scales[affinity.columns[entry]!]!;
    }
  }
  return { ...affinity, values };
}

/** Number of eigenvalues 1 − value of the Laplacian, at least 2, before the largest rise. */
function steepestRise(values: Float64Array): number {
  const rise = (k: number): number =>
    (1 - values[k]! + NEAR_ZERO) / (1 - values[k - 1]! + NEAR_ZERO);
  let best = 2;
  for (let k = 3; k < values.length; k++) if (rise(k) > rise(best)) best = k;
  return best;
}

/** One row for each vertex: its entries of the eigenvectors, at unit length. */
function unitEmbedding(eigenvectors: readonly Float64Array[]): Vectors {
  const out = vectors(eigenvectors[0]!.length, eigenvectors.length);
  for (let i = 0; i < out.count; i++) {
    const length = Math.hypot(...eigenvectors.map((vector) => vector[i]!));
    const row = rowOf(out, i);
    if (length > 0) eigenvectors.forEach((vector, k) => (row[k] = vector[i]! / length));
  }
  return out;
}
