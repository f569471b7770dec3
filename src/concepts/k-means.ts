/** Clusters of vectors: k-means++ starts (Arthur and Vassilvitskii 2007) and Lloyd's iterations. */
import { InputError } from '../errors.js';
import type { Random } from '../random.js';
import { dot, rowOf, vectors, type Vectors } from './vectors.js';

export interface KMeansOptions {
  /** Independent starts, of which the best is kept. */
  readonly restarts: number;
  /** Largest number of iterations of each. */
  readonly iterations: number;
  readonly random: Random;
}

export interface Clusters {
  /** [k, C]. */
  readonly centroids: Vectors;
  /** Cluster of each vector. */
  readonly assignment: Uint32Array;
  /** Sum of squared distances to the own centroid. */
  readonly inertia: number;
}

/** `k` clusters of vectors [N, C]. Throws InputError for fewer vectors than clusters. */
export function kMeans(v: Vectors, k: number, options: KMeansOptions): Clusters {
  if (v.count < k) throw new InputError(`${v.count} vectors cannot form ${k} clusters`);
  let best: Clusters | undefined;
  for (let i = 0; i < options.restarts; i++) {
    const found = lloyd(v, spreadCentroids(v, k, options.random), options.iterations);
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  return best!;
}

/** Each next centroid is a vector drawn by its squared distance to the nearest one so far. */
function spreadCentroids(v: Vectors, k: number, random: Random): Vectors {
  const centroids = vectors(k, v.width);
  const distances = new Float64Array(v.count).fill(Infinity);
  let chosen = random.int(v.count);
  for (let c = 0; c < k; c++) {
    rowOf(centroids, c).set(rowOf(v, chosen));
    let total = 0;
    for (let i = 0; i < v.count; i++) {
      distances[i] = Math.min(distances[i]!, squaredDistance(rowOf(v, i), rowOf(centroids, c)));
      total += distances[i]!;
    }
    let rest = random.uniform() * total;
    chosen = distances.findIndex((distance) => distance > 0 && (rest -= distance) <= 0);
    // Fewer different vectors than clusters, or rounding at the very end.
    if (chosen < 0) chosen = random.int(v.count);
  }
  return centroids;
}

function lloyd(v: Vectors, centroids: Vectors, iterations: number): Clusters {
  const assignment = new Uint32Array(v.count).fill(centroids.count);
  let inertia = Infinity;
  for (let iteration = 0; iteration < iterations; iteration++) {
    const { changed, distances } = assign(v, centroids, assignment);
    inertia = distances.reduce((sum, distance) => sum + distance, 0);
    if (!changed) break;
    moveCentroids(v, centroids, assignment, distances);
  }
  // The last move may have changed which centroid is nearest.
  inertia = assign(v, centroids, assignment).distances.reduce((sum, d) => sum + d, 0);
  return { centroids, assignment, inertia };
}

/** Puts each vector into the cluster of its nearest centroid, the first of equally near ones. */
function assign(
  v: Vectors,
  centroids: Vectors,
  assignment: Uint32Array,
): { changed: boolean; distances: Float64Array } {
  // ‖v − c‖² = ‖v‖² − 2 v·c + ‖c‖²; ‖v‖² does not matter for the choice.
  const norms = Float64Array.from({ length: centroids.count }, (_, c) => {
    const row = rowOf(centroids, c);
    return dot(row, row);
  });
  const distances = new Float64Array(v.count);
  let changed = false;
  for (let i = 0; i < v.count; i++) {
    const row = rowOf(v, i);
    let nearest = 0;
    let least = Infinity;
    for (let c = 0; c < centroids.count; c++) {
      const start = c * centroids.width;
      let product = 0;
      for (let j = 0; j < row.length; j++) product += row[j]! * centroids.data[start + j]!;
      const distance = norms[c]! - 2 * product;
      if (distance < least) [nearest, least] = [c, distance];
    }
    if (assignment[i] !== nearest) changed = true;
    assignment[i] = nearest;
    distances[i] = Math.max(0, least + dot(row, row));
  }
  return { changed, distances };
}

/** Centroids become means; an empty cluster takes the vector that is furthest from its own centroid. */
function moveCentroids(
  v: Vectors,
  centroids: Vectors,
  assignment: Uint32Array,
  distances: Float64Array,
): void {
  const sums = new Float64Array(centroids.data.length);
  const sizes = new Uint32Array(centroids.count);
  for (let i = 0; i < v.count; i++) {
    const start = assignment[i]! * v.width;
    const row = rowOf(v, i);
    sizes[assignment[i]!]! += 1;
    for (let j = 0; j < row.length; j++) sums[start + j]! += row[j]!;
  }
  for (let c = 0; c < centroids.count; c++) {
    const row = rowOf(centroids, c);
    if (sizes[c]! > 0) {
      for (let j = 0; j < row.length; j++) row[j] = sums[c * row.length + j]! / sizes[c]!;
      continue;
    }
    const furthest = distances.reduce((best, d, i) => (d > distances[best]! ? i : best), 0);
    row.set(rowOf(v, furthest));
    distances[furthest] = 0;
  }
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}
