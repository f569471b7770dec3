/**
 * The noise schedule of Stable Diffusion v1: "scaled linear" betas, whose square roots are evenly
 * spaced. Everything is float64; samples stay float32.
 *
 * Notation: abar_t = prod (1 - beta_s) over s <= t; x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) noise
 * (Ho et al., 2020, equation 4).
 */

import { InputError } from '../errors.js';

export interface Schedule {
  /** Number of training timesteps T; timesteps are 0..T-1. */
  readonly trainingSteps: number;
  /** abar_t per timestep, float64, falling from almost 1 to almost 0. */
  readonly alphasCumprod: Float64Array;
}

export interface ScheduleOptions {
  trainingSteps?: number;
  /** First and last beta. */
  betaStart?: number;
  betaEnd?: number;
}

/** The scaled-linear schedule: betas = linspace(sqrt(betaStart), sqrt(betaEnd), T)^2. */
export function scaledLinearSchedule({
  trainingSteps = 1000,
  betaStart = 0.00085,
  betaEnd = 0.012,
}: ScheduleOptions = {}): Schedule {
  if (!Number.isInteger(trainingSteps) || trainingSteps < 2) {
    throw new InputError(
      `schedule: ${trainingSteps} training steps; give a whole number of at least 2`,
    );
  }
  if (!(betaStart > 0 && betaStart <= betaEnd && betaEnd < 1)) {
    throw new InputError(
      `schedule: betas from ${betaStart} to ${betaEnd}; they must satisfy 0 < start <= end < 1`,
    );
  }
  const low = Math.sqrt(betaStart);
  const width = Math.sqrt(betaEnd) - low;
  const alphasCumprod = new Float64Array(trainingSteps);
  let product = 1;
  for (let t = 0; t < trainingSteps; t++) {
    const root = low + (width * t) / (trainingSteps - 1);
    product *= 1 - root * root;
    alphasCumprod[t] = product;
  }
  return { trainingSteps, alphasCumprod };
}

/** abar at timestep t, a whole number from 0 to T - 1. */
export function alphaBarAt(schedule: Schedule, t: number): number {
  const value = schedule.alphasCumprod[t];
  if (value === undefined) {
    throw new InputError(
      `timestep ${t}: the schedule has whole timesteps from 0 to ${schedule.trainingSteps - 1}`,
    );
  }
  return value;
}

/**
 * Exactly `steps` timesteps to sample at, from noisy to clean.
 *
 * "Leading" spacing with offset 1: t_i = 1 + i * floor(T / steps), so 50 steps visit 981, 961, ...,
 * 1. At steps = T the offset would leave the schedule, so the timesteps are T-1, ..., 0.
 */
export function timesteps(schedule: Schedule, steps: number): number[] {
  const { trainingSteps } = schedule;
  checkSteps(schedule, steps);
  const stride = Math.floor(trainingSteps / steps);
  const offset = Math.min(1, trainingSteps - 1 - (steps - 1) * stride);
  return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * stride + offset);
}

/** Throws unless `steps` is a number of sampling steps that the schedule can give. */
export function checkSteps(schedule: Schedule, steps: number): void {
  if (!Number.isInteger(steps) || steps < 1 || steps > schedule.trainingSteps) {
    throw new InputError(
      `steps: ${steps} is not a number of sampling steps; give a whole number from 1 to ${schedule.trainingSteps}`,
    );
  }
}

/** x_t = sqrt(abar_t) clean + sqrt(1 - abar_t) noise, element by element; all of one length. */
export function addNoise(
  schedule: Schedule,
  clean: Float32Array,
  noise: Float32Array,
  t: number,
): Float32Array {
  if (clean.length !== noise.length) {
    throw new InputError(
      `addNoise: ${clean.length} clean values but ${noise.length} noise values; they must match`,
    );
  }
  const alphaBar = alphaBarAt(schedule, t);
  const signal = Math.sqrt(alphaBar);
  const sigma = Math.sqrt(1 - alphaBar);
  return clean.map((value, i) => signal * value + sigma * noise[i]!);
}
