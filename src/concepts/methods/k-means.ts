import { Random } from '../../random.js';
import { kMeans, type Clusters } from '../k-means.js';
import { selectRows } from '../vectors.js';
import { checkVectors, conceptCount, nonZeroRows } from './fit-checks.js';
import type { ConceptMethod } from './method.js';
import { byEnergy, oneAtomEach, unitRows } from './single-atoms.js';

const DEFAULT_COUNT = 10;
const RESTARTS = 5;
const ITERATIONS = 100;

/**
 * "MCD-kmeans" (Vielhaben, Blücher and Strodthoff 2023): clusters of the vectors' directions, one atom for
 * each. A vector belongs to one concept, the nearest by angle.
 */
export const kMeansMethod: ConceptMethod = {
  name: 'kmeans',
  summary: 'clusters of the directions of feature vectors, each vector in one',
  async fit(v, { count, seed, onProgress }) {
    checkVectors(v, 'kmeans');
    const rows = nonZeroRows(v);
    const reason = 'the vectors that are not 0';
    const wanted = conceptCount('kmeans', count, DEFAULT_COUNT, rows.length, reason);
    const directions = unitRows(selectRows(v, rows));
    const random = new Random(seed);
    let best: Clusters | undefined;
    for (let start = 0; start < RESTARTS; start++) {
      const found = kMeans(directions, wanted, {
        restarts: 1,
        iterations: ITERATIONS,
        random: random.fork(`start ${start}`),
      });
      if (best === undefined || found.inertia < best.inertia) best = found;
      onProgress?.('cluster', start + 1, RESTARTS);
    }
    const sizes = new Float64Array(wanted);
    for (const cluster of best!.assignment) sizes[cluster]! += 1;
    // Fewer different vectors than clusters leave some without any.
    const kept = byEnergy(sizes).filter((cluster) => sizes[cluster]! > 0);
    return {
      method: 'kmeans',
      concepts: oneAtomEach(kept.length),
      dictionary: unitRows(selectRows(best!.centroids, kept)),
      offset: new Float32Array(v.width),
      encoder: { kind: 'nearest' },
      diagnostics: { inertia: best!.inertia, zeroVectors: v.count - rows.length },
    };
  },
};
