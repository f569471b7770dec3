import { InputError } from '../../errors.js';
import type { ConceptModel } from '../concept-model.js';
import {
  trainAutoencoder,
  type TrainedAutoencoder,
} from '../sparse-autoencoder/train-autoencoder.js';
import { dot, rowOf, selectRows, type Vectors } from '../vectors.js';
import { checkVectors, conceptCount } from './fit-checks.js';
import type { ConceptMethod } from './method.js';
import { byEnergy, oneAtomEach } from './single-atoms.js';

const ATOMS_PER_CHANNEL = 4;
const MOST_ATOMS_BY_DEFAULT = 512;
const DEFAULT_ACTIVE = 8;
/** Beyond this the weights no longer fit into memory well. */
const MOST_ATOMS = 65_536;

/**
 * Top-k sparse autoencoder (Gao et al. 2024): many atoms, of which each vector uses a few. Atoms that stay
 * unused are started anew while it trains, from what the others leave unexplained.
 */
export const sae: ConceptMethod = {
  name: 'sae',
  summary: 'many directions of which each vector uses a few (top-k sparse autoencoder)',
  async fit(v, { count, active: wanted, seed, threads, onProgress }) {
    checkVectors(v, 'sae');
    const byDefault = Math.min(ATOMS_PER_CHANNEL * v.width, MOST_ATOMS_BY_DEFAULT);
    const atoms = conceptCount('sae', count, byDefault, MOST_ATOMS, 'the most it trains');
    const active = wanted ?? Math.min(DEFAULT_ACTIVE, atoms);
    if (!Number.isInteger(active) || active < 1 || active > atoms) {
      throw new InputError(
        `sae: the number of active concepts must be a whole number from 1 to ${atoms}, the number of concepts, got ${active}`,
      );
    }
    const scale = 1 / meanLength(v);
    const trained = await trainAutoencoder(
      { ...v, data: v.data.map((value) => value * scale) },
      {
        atoms,
        active,
        seed,
        threads,
        onProgress: (done, total) => onProgress?.('train', done, total),
      },
    );
    return modelOf(trained, active, scale);
  },
};

/**
 * The model in units of the original vectors v = x / s, where x is what was trained on: codes, bias and
 * offset are divided by s, the directions stay.
 */
function modelOf(
  { weights, energies, unexplained, revived, steps }: TrainedAutoencoder,
  active: number,
  scale: number,
): ConceptModel {
  const order = byEnergy(energies);
  return {
    method: 'sae',
    concepts: oneAtomEach(order.length),
    dictionary: selectRows(weights.decoder, order),
    offset: weights.offset.map((value) => value / scale),
    encoder: {
      kind: 'top-k',
      weight: selectRows(weights.encoder, order),
      bias: Float32Array.from(order, (a) => weights.bias[a]! / scale),
      active,
    },
    diagnostics: {
      steps,
      explainedVariance: 1 - unexplained,
      unusedAtoms: energies.filter((energy) => energy === 0).length,
      revivedAtoms: revived,
    },
  };
}

function meanLength(v: Vectors): number {
  let sum = 0;
  for (let i = 0; i < v.count; i++) sum += Math.sqrt(dot(rowOf(v, i), rowOf(v, i)));
  return sum / v.count;
}
