import { WorkError } from '../../errors.js';
import { input } from '../../graph/index.js';
import { trainableParameters } from '../../nn/index.js';
import { Random } from '../../random.js';
import { Session } from '../../runtime/session.js';
import { AdamW } from '../../training/adamw.js';
import { GradientStep, parameterFeeds } from '../../training/gradient-step.js';
import { learningRateAt } from '../../training/learning-rate.js';
import { meanRow, rowOf, squaredNorm, subtractRow, vectors, type Vectors } from '../vectors.js';
import {
  initialWeights,
  namedWeights,
  normaliseDecoder,
  reviveAtoms,
  type AutoencoderWeights,
} from './autoencoder-weights.js';
import { reconstructionLoss, traceAutoencoder } from './trace-autoencoder.js';

export interface AutoencoderOptions {
  readonly atoms: number;
  /** Codes above 0 of each vector, at most. */
  readonly active: number;
  /** Optimiser steps of 256 vectors each. Default: a hundred passes, but between 400 and 2000 steps. */
  readonly steps?: number | undefined;
  readonly seed: number;
  readonly threads?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface TrainedAutoencoder {
  readonly weights: AutoencoderWeights;
  /** Σ code² of each atom over some of the vectors. */
  readonly energies: Float64Array;
  /** Squared error over the variance of the same vectors. */
  readonly unexplained: number;
  /** How often an atom was started anew. */
  readonly revived: number;
  readonly steps: number;
}

const PASSES = 100;
const FEWEST_STEPS = 400;
const MOST_STEPS = 2000;
const BATCH = 256;
/** Batches that decide which atoms are in use. */
const SURVEY_BATCHES = 16;
/** Surveys are made after each of these shares of the steps; the last steps settle what was revived. */
const REVIVALS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
/** Step size relative to the usual size of an element of a unit vector, 1/√C. */
const RELATIVE_RATE = 0.03;
const ADAM = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, decayVectors: false } as const;

/** Trains a top-k sparse autoencoder on vectors [N, C] of about unit length. */
export async function trainAutoencoder(
  v: Vectors,
  options: AutoencoderOptions,
): Promise<TrainedAutoencoder> {
  const { atoms, active, steps = defaultSteps(v), seed, threads, onProgress } = options;
  const random = new Random(seed);
  const weights = initialWeights(v, atoms, random.fork('atoms'));
  const parameters = trainableParameters(namedWeights(weights), seed);
  const x = input('x', [BATCH, v.width]);
  const { codes, reconstruction } = traceAutoencoder(x, parameters, { atoms, active });
  const loss = reconstructionLoss(x, reconstruction);
  const step = GradientStep.trace(loss, parameters, {}, { threads });
  const forward = await Session.compile({ codes, reconstruction }, { threads });
  const adamw = new AdamW(parameters.values, ADAM);
  const rates = {
    learningRate: RELATIVE_RATE / Math.sqrt(v.width),
    warmupSteps: 0,
    schedule: 'cosine',
    finalLearningRate: 0,
    steps,
  } as const;
  const surveyAt = new Set(REVIVALS.map((share) => Math.round(share * steps)));
  const batches = random.fork('batches');
  let revived = 0;
  for (let number = 1; number <= steps; number++) {
    const result = await step.run({ x: drawBatch(v, batches).data });
    if (!Number.isFinite(result.loss)) {
      throw new WorkError(`sae: the loss of step ${number} is ${result.loss}`);
    }
    adamw.update(result.gradients, number, learningRateAt(number, rates));
    normaliseDecoder(weights);
    if (surveyAt.has(number)) {
      const { energies, residuals } = await survey(random.fork(`survey ${number}`));
      const dead = [...energies.keys()].filter((a) => energies[a] === 0);
      const draws = random.fork(`revival ${number}`);
      revived += reviveAtoms(weights, adamw.moments, dead, residuals, draws);
    }
    onProgress?.(number, steps);
  }
  const { energies, unexplained } = await survey(random.fork('last survey'));
  await step.dispose();
  await forward.dispose();
  return { weights, energies, unexplained, revived, steps };

  async function survey(draws: Random): Promise<Survey> {
    const sums = new Float64Array(atoms);
    const residuals = vectors(SURVEY_BATCHES * BATCH, v.width);
    const seen = vectors(residuals.count, v.width);
    for (let part = 0; part < SURVEY_BATCHES; part++) {
      const batch = drawBatch(v, draws).data;
      const found = await forward.run({ x: batch, ...parameterFeeds(parameters) });
      found.codes.forEach((code, i) => (sums[i % atoms]! += code * code));
      seen.data.set(batch, part * batch.length);
      residuals.data.set(
        batch.map((value, i) => value - found.reconstruction[i]!),
        part * batch.length,
      );
    }
    return { energies: sums, residuals, unexplained: unexplainedShare(residuals, seen) };
  }
}

function defaultSteps(v: Vectors): number {
  const steps = Math.round((PASSES * v.count) / BATCH);
  return Math.min(MOST_STEPS, Math.max(FEWEST_STEPS, steps));
}

interface Survey {
  readonly energies: Float64Array;
  readonly residuals: Vectors;
  readonly unexplained: number;
}

function drawBatch(v: Vectors, random: Random): Vectors {
  const batch = vectors(BATCH, v.width);
  for (let i = 0; i < BATCH; i++) rowOf(batch, i).set(rowOf(v, random.int(v.count)));
  return batch;
}

function unexplainedShare(residuals: Vectors, seen: Vectors): number {
  const variation = squaredNorm(subtractRow(seen, meanRow(seen)));
  return variation === 0 ? 0 : squaredNorm(residuals) / variation;
}
