import { scaledLinearSchedule } from '../../../src/diffusion/schedule.js';
import type { Predict } from '../../../src/diffusion/samplers/index.js';
import type { NoiseLevel } from '../../../src/diffusion/samplers/sample.js';

export const schedule = scaledLinearSchedule();

/** Normally distributed data, for which the ideal noise prediction is known exactly. */
export interface GaussianData {
  mean: number;
  deviation: number;
}

/** Deviation of the noisy data at abar. */
export const noisyDeviation = ({ deviation }: GaussianData, alphaBar: number): number =>
  Math.sqrt(alphaBar * deviation ** 2 + 1 - alphaBar);

/** E[noise | x]: sqrt(1 - abar) (x - sqrt(abar) mean) / variance of x. */
export function idealNoise(data: GaussianData, alphaBarOf: (t: number) => number): Predict {
  return async (x, t) => {
    const alphaBar = alphaBarOf(t);
    const centre = Math.sqrt(alphaBar) * data.mean;
    const factor = Math.sqrt(1 - alphaBar) / noisyDeviation(data, alphaBar) ** 2;
    return x.map((value) => factor * (value - centre));
  };
}

/**
 * The exact solution of the probability flow: a sample keeps its standardised value, so x at abar
 * follows from x at another level.
 */
export function exactFlow(data: GaussianData, x: number, from: number, to: number): number {
  const standardised = (x - Math.sqrt(from) * data.mean) / noisyDeviation(data, from);
  return Math.sqrt(to) * data.mean + noisyDeviation(data, to) * standardised;
}

/** Levels evenly spaced in half log signal-to-noise ratio; `timestep` is the level's index. */
export function evenLevels(steps: number): { levels: NoiseLevel[]; alphaBarEnd: number } {
  const [first, last] = [-2.5, 2.5];
  const alphaBarAt = (i: number): number =>
    1 / (1 + Math.exp(-2 * (first + ((last - first) * i) / steps)));
  return {
    levels: Array.from({ length: steps }, (_, i) => ({ timestep: i, alphaBar: alphaBarAt(i) })),
    alphaBarEnd: alphaBarAt(steps),
  };
}
