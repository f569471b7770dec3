import { InputError } from '../../errors.js';
import { Random } from '../../random.js';
import type { Concept, ConceptModel } from '../concept-model.js';
import { clusterBasis } from '../mcd/cluster-basis.js';
import { joinBases } from '../mcd/join-bases.js';
import { inliers, unitSparseRows } from '../mcd/outliers.js';
import { MOST_NONZERO, selfRepresentation } from '../mcd/self-representation.js';
import { symmetricPart, type SparseRow } from '../mcd/sparse-matrix.js';
import { spectralClustering, type GraphClusters } from '../mcd/spectral-clustering.js';
import { selectRows, type Vectors } from '../vectors.js';
import { checkVectors, conceptCount, nonZeroRows } from './fit-checks.js';
import type { ConceptMethod } from './method.js';
import { unitRows } from './single-atoms.js';

/** The authors' choice. */
const DEFAULT_GAMMA = 50;
/** Share of the vectors that are no outliers. */
const KEPT = 0.75;
const FEWEST_VECTORS = 8;
/** The inner products of so many vectors take 1.6 GB. */
const MOST_VECTORS = 20_000;

/**
 * Multi-dimensional concept discovery (Vielhaben, Blücher and Strodthoff, TMLR 2023): subspaces within
 * which vectors can be made of each other, found by sparse subspace clustering, largest cluster first; and
 * as last concept, "complement", everything orthogonal to them all.
 *
 * `count` is the number of clusters, without the complement; where it is not given, it is found from the
 * spectrum of their graph (2 to 20). Of more than 20,000 vectors that many are drawn.
 */
export const mcd: ConceptMethod = {
  name: 'mcd',
  summary: 'subspaces of several directions, and all that is orthogonal to them (the default)',
  async fit(v, options) {
    checkVectors(v, 'mcd');
    const { gamma = DEFAULT_GAMMA, seed, threads, onProgress } = options;
    if (!(gamma > 1 && gamma < Infinity)) {
      throw new InputError(`mcd: gamma must be a number above 1, got ${gamma}`);
    }
    const nonZero = nonZeroRows(v);
    const x = unitRows(selectRows(v, draw(nonZero, MOST_VECTORS, seed)));
    const count = clusterCount(x.count, options.count);

    const represent = (of: Vectors, stage: string): Promise<SparseRow[]> =>
      selfRepresentation(of, {
        gamma,
        threads,
        onProgress: (done, total) => onProgress?.(stage, done, total),
      });
    const kept = inliers(await represent(x, 'represent'), KEPT);
    if (kept.length < (count ?? 2)) {
      throw new InputError(
        `mcd: only ${kept.length} of ${x.count} vectors have anything in common with others, too few for ${count ?? 2} concepts`,
      );
    }
    const inside = selectRows(x, kept);
    const rows = await represent(inside, 'represent again');
    onProgress?.('cluster', 0, 1);
    const clusters = spectralClustering(symmetricPart(unitSparseRows(rows)), count, seed);
    onProgress?.('cluster', 1, 1);
    const { bases, sizes } = await clusterBases(inside, rows, clusters, seed, threads);
    const { concepts, ...spaces } = spacesOf(bases, v.width);
    return {
      method: 'mcd',
      concepts,
      dictionary: spaces.dictionary,
      offset: new Float32Array(v.width),
      encoder: { kind: 'linear', weight: spaces.weight },
      diagnostics: {
        zeroVectors: v.count - nonZero.length,
        vectorsUsed: x.count,
        outliers: x.count - kept.length,
        clusters: clusters.count,
        eigengap: clusters.gap,
        nonZerosPerVector: rows.reduce((sum, { values }) => sum + values.length, 0) / rows.length,
        rowsCutOff: rows.filter(({ values }) => values.length >= MOST_NONZERO).length,
        ...spaces.diagnostics,
        ...Object.fromEntries(sizes.map((size, k) => [`vectors of concept ${k}`, size])),
      },
    };
  },
};

/** `most` of the indices in their order, or all. */
function draw(indices: readonly number[], most: number, seed: number): number[] {
  if (indices.length <= most) return [...indices];
  const random = new Random(seed).fork('draw');
  const left = [...indices];
  for (let i = 0; i < most; i++) {
    const other = i + random.int(left.length - i);
    [left[i], left[other]] = [left[other]!, left[i]!];
  }
  return left.slice(0, most).sort((a, b) => a - b);
}

/** The checked number of clusters; undefined where it is to be found. */
function clusterCount(vectorCount: number, wanted: number | undefined): number | undefined {
  if (vectorCount < FEWEST_VECTORS) {
    throw new InputError(
      `mcd: ${vectorCount} feature vectors that are not 0 are too few, at least ${FEWEST_VECTORS} are needed`,
    );
  }
  if (wanted === undefined) return undefined;
  const limit = Math.floor(KEPT * vectorCount);
  const reason = 'the vectors that remain without outliers';
  return conceptCount('mcd', wanted, wanted, limit, reason);
}

/** Bases of the clusters whose vectors differ, largest cluster first, and their numbers of vectors. */
async function clusterBases(
  v: Vectors,
  rows: readonly SparseRow[],
  { count, assignment }: GraphClusters,
  seed: number,
  threads: number | undefined,
): Promise<{ bases: Vectors[]; sizes: number[] }> {
  const members = Array.from({ length: count }, (): number[] => []);
  // A vector that no other represents has no edge, and so no cluster.
  rows.forEach(({ columns }, i) => {
    if (columns.length > 0) members[assignment[i]!]!.push(i);
  });
  members.sort((a, b) => b.length - a.length || a[0]! - b[0]!);
  const found: { basis: Vectors; size: number }[] = [];
  for (const own of members) {
    if (own.length < 2) continue;
    const basis = await clusterBasis(selectRows(v, own), new Random(seed).fork('basis'), threads);
    if (basis.count > 0) found.push({ basis, size: own.length });
  }
  if (found.length === 0) {
    throw new InputError(
      'mcd: the vectors of each cluster are equal, so that none spans a subspace',
    );
  }
  return { bases: found.map(({ basis }) => basis), sizes: found.map(({ size }) => size) };
}

/** The concepts of the bases and, unless they span the whole space, the complement. */
function spacesOf(
  bases: readonly Vectors[],
  channels: number,
): Pick<ConceptModel, 'concepts' | 'dictionary' | 'diagnostics'> & { weight: Vectors } {
  const { dictionary, weight, rank } = joinBases(bases);
  const concepts: Concept[] = [];
  let end = 0;
  bases.forEach((basis, k) => {
    concepts.push({ name: `concept ${k}`, start: end, end: (end += basis.count) });
  });
  const diagnostics = {
    spannedDimensions: rank,
    dependentDirections: end - rank,
    complementDimensions: channels - rank,
  };
  if (rank < channels) {
    concepts.push({ name: 'complement', start: end, end: dictionary.count });
  }
  return { concepts, dictionary, weight, diagnostics };
}
