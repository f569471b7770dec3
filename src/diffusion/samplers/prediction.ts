/**
 * One denoiser contract: samplers only ever see a predicted noise. Models that predict the clean
 * sample or the velocity are wrapped here.
 */

import type { Schedule } from '../schedule.js';
import { alphaBarAt } from '../schedule.js';

/**
 * A model under the schedule: a noisy sample (any layout), its timestep, and the index of the
 * sampling step (0 is the noisiest), to a prediction of the same length.
 */
export type Predict = (x: Float32Array, t: number, stepIndex: number) => Promise<Float32Array>;

/** The noise in x, given the clean sample: (x - sqrt(abar) clean) / sqrt(1 - abar). */
export function cleanToNoise(x: Float32Array, clean: Float32Array, alphaBar: number): Float32Array {
  const signal = Math.sqrt(alphaBar);
  const sigma = Math.sqrt(1 - alphaBar);
  return x.map((value, i) => (value - signal * clean[i]!) / sigma);
}

/** The clean sample in x, given the noise: (x - sqrt(1 - abar) noise) / sqrt(abar). */
export function noiseToClean(x: Float32Array, noise: Float32Array, alphaBar: number): Float32Array {
  const signal = Math.sqrt(alphaBar);
  const sigma = Math.sqrt(1 - alphaBar);
  return x.map((value, i) => (value - sigma * noise[i]!) / signal);
}

/**
 * The noise in x, given the velocity v = sqrt(abar) noise - sqrt(1 - abar) clean:
 * sqrt(abar) v + sqrt(1 - abar) x (Salimans and Ho, 2022, appendix D).
 */
export function velocityToNoise(
  x: Float32Array,
  velocity: Float32Array,
  alphaBar: number,
): Float32Array {
  const signal = Math.sqrt(alphaBar);
  const sigma = Math.sqrt(1 - alphaBar);
  return x.map((value, i) => signal * velocity[i]! + sigma * value);
}

/** A noise predictor from a model that predicts the clean sample. */
export const noiseFromClean =
  (predictClean: Predict, schedule: Schedule): Predict =>
  async (x, t, stepIndex) =>
    cleanToNoise(x, await predictClean(x, t, stepIndex), alphaBarAt(schedule, t));

/** A noise predictor from a model that predicts the velocity. */
export const noiseFromVelocity =
  (predictVelocity: Predict, schedule: Schedule): Predict =>
  async (x, t, stepIndex) =>
    velocityToNoise(x, await predictVelocity(x, t, stepIndex), alphaBarAt(schedule, t));
