/** Weights of a sparse autoencoder between the steps of its training. */
import type { NamedTensors } from '../../checkpoints/named-tensors.js';
import type { Random } from '../../random.js';
import type { Moments } from '../../training/adamw.js';
import { unitRows } from '../methods/single-atoms.js';
import { dot, meanRow, rowOf, vectors, type Vectors } from '../vectors.js';

/** The parameters as they are trained: changing the arrays changes the model. */
export interface AutoencoderWeights {
  /** [A, C] */
  readonly encoder: Vectors;
  /** [A] */
  readonly bias: Float32Array;
  /** [A, C], rows of unit length. */
  readonly decoder: Vectors;
  /** [C] */
  readonly offset: Float32Array;
}

/** Random directions, the encoder the same as the decoder, and the mean of the vectors as offset. */
export function initialWeights(v: Vectors, atoms: number, random: Random): AutoencoderWeights {
  const drawn = vectors(atoms, v.width);
  random.fillNormal(drawn.data);
  const decoder = unitRows(drawn);
  return {
    decoder,
    encoder: { ...decoder, data: decoder.data.slice() },
    bias: new Float32Array(atoms),
    offset: meanRow(v),
  };
}

/** The weights under the names of `traceAutoencoder`, in the same memory. */
export function namedWeights({ encoder, bias, decoder, offset }: AutoencoderWeights): NamedTensors {
  return new Map([
    ['encoder', { shape: [encoder.count, encoder.width], data: encoder.data }],
    ['bias', { shape: [bias.length], data: bias }],
    ['decoder', { shape: [decoder.count, decoder.width], data: decoder.data }],
    ['offset', { shape: [offset.length], data: offset }],
  ]);
}

/** Brings the decoder's atoms back to unit length: else codes could shrink at no cost. */
export function normaliseDecoder({ decoder }: AutoencoderWeights): void {
  decoder.data.set(unitRows(decoder).data);
}

/**
 * Starts atoms that no vector uses anew in the directions of what the others leave unexplained
 * (Bricken et al., "Towards monosemanticity", 2023): residuals [M, C] are drawn without repetition with
 * probabilities as their squared lengths. Returns how many atoms were started.
 */
export function reviveAtoms(
  weights: AutoencoderWeights,
  moments: ReadonlyMap<string, Moments>,
  dead: readonly number[],
  residuals: Vectors,
  random: Random,
): number {
  const { encoder, bias, decoder } = weights;
  const living = [...Array(encoder.count).keys()].filter((a) => !dead.includes(a));
  const lengthOf = (a: number): number => Math.sqrt(dot(rowOf(encoder, a), rowOf(encoder, a)));
  const length =
    living.length === 0 ? 1 : living.reduce((sum, a) => sum + lengthOf(a), 0) / living.length;
  const chances = Float64Array.from({ length: residuals.count }, (_, i) =>
    dot(rowOf(residuals, i), rowOf(residuals, i)),
  );
  let revived = 0;
  for (const atom of dead) {
    const chosen = draw(chances, random);
    if (chosen === undefined) break;
    const scale = 1 / Math.sqrt(chances[chosen]!);
    chances[chosen] = 0;
    rowOf(residuals, chosen).forEach((value, c) => {
      rowOf(decoder, atom)[c] = value * scale;
      rowOf(encoder, atom)[c] = value * scale * length;
    });
    bias[atom] = 0;
    for (const [name, { first, second }] of moments) {
      if (name === 'offset') continue;
      const width = name === 'bias' ? 1 : encoder.width;
      for (const moment of [first, second]) moment.fill(0, atom * width, (atom + 1) * width);
    }
    revived++;
  }
  return revived;
}

/** An index with the given relative chances; undefined where all are 0. */
function draw(chances: Float64Array, random: Random): number | undefined {
  const total = chances.reduce((sum, chance) => sum + chance, 0);
  if (total === 0) return undefined;
  let left = random.uniform() * total;
  let last: number | undefined;
  for (const [i, chance] of chances.entries()) {
    if (chance === 0) continue;
    last = i;
    left -= chance;
    if (left < 0) break;
  }
  return last;
}
