/** NMF and semi-NMF, which differ only in the sign of the atoms. */
import { Random } from '../../random.js';
import type { ConceptModel } from '../concept-model.js';
import { kMeans } from '../k-means.js';
import { checkVectors, conceptCount, nonZeroRows } from '../methods/fit-checks.js';
import type { FitOptions } from '../methods/method.js';
import {
  byEnergy,
  codeEnergies,
  oneAtomEach,
  relativeError,
  unitRows,
} from '../methods/single-atoms.js';
import { dot, rowOf, selectRows, weightedSums, type Vectors } from '../vectors.js';
import { factorise, type Factors } from './factorise.js';

const DEFAULT_COUNT = 10;
/** Vectors that the starting atoms are found from. */
const START_VECTORS = 1000;
const START_ITERATIONS = 20;
const START_RESTARTS = 5;

/** Fits `v` ≈ codes · atoms with codes ≥ 0; atoms have unit length, the one of most energy first. */
export async function fitFactors(
  method: string,
  v: Vectors,
  { count, seed, threads, onProgress }: FitOptions,
  { nonNegativeAtoms }: { readonly nonNegativeAtoms: boolean },
): Promise<ConceptModel> {
  checkVectors(v, method);
  const rows = nonZeroRows(v);
  const atoms = conceptCount(
    method,
    count,
    DEFAULT_COUNT,
    rows.length,
    'the vectors that are not 0',
  );
  const start = startingAtoms(v, rows, atoms, new Random(seed).fork('start'));
  const factors = await factorise(v, start, {
    nonNegativeAtoms,
    threads,
    onProgress: (done, total) => onProgress?.('factorise', done, total),
  });
  return modelOf(method, v, factors);
}

/** Centroids of the directions of some of the vectors; Ding, Li and Jordan (2010) start from k-means too. */
function startingAtoms(v: Vectors, rows: number[], count: number, random: Random): Vectors {
  const chosen = pick(rows, Math.max(START_VECTORS, count), random);
  const { centroids } = kMeans(unitRows(selectRows(v, chosen)), count, {
    restarts: START_RESTARTS,
    iterations: START_ITERATIONS,
    random,
  });
  return centroids;
}

/** Up to `count` of the numbers: the head of a Fisher-Yates shuffle. */
function pick(numbers: readonly number[], count: number, random: Random): number[] {
  const shuffled = [...numbers];
  const length = Math.min(count, shuffled.length);
  for (let i = 0; i < length; i++) {
    const j = i + random.int(shuffled.length - i);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled.slice(0, length);
}

function modelOf(method: string, v: Vectors, { codes, atoms, iterations }: Factors): ConceptModel {
  const lengths = Array.from({ length: atoms.count }, (_, a) =>
    dot(rowOf(atoms, a), rowOf(atoms, a)),
  );
  const energies = codeEnergies(codes).map((energy, a) => energy * lengths[a]!);
  // An atom that nothing uses has shrunk to 0 or stands still where it began: it is no concept.
  const kept = byEnergy(energies).filter((a) => energies[a]! > 0);
  return {
    method,
    concepts: oneAtomEach(kept.length),
    dictionary: unitRows(selectRows(atoms, kept)),
    offset: new Float32Array(v.width),
    encoder: { kind: 'non-negative' },
    diagnostics: {
      iterations,
      relativeError: relativeError(v, weightedSums(codes, atoms)),
      unusedAtoms: atoms.count - kept.length,
    },
  };
}
