/** The sampling loop. It exists once: samplers supply only their step. */

import { InputError, WorkError } from '../../errors.js';
import type { Random } from '../../random.js';
import type { Schedule } from '../schedule.js';
import { alphaBarAt, timesteps } from '../schedule.js';
import type { Predict } from './prediction.js';
import { noiseToClean } from './prediction.js';
import { getSampler } from './registry.js';
import type { Sampler, StepInput } from './sampler.js';

export interface StepInfo {
  /** Steps done, from 1 to `steps`. */
  readonly done: number;
  readonly steps: number;
  readonly timestep: number;
  /** The sample after the step. */
  readonly x: Float32Array;
  /** What the model takes the clean sample to be. */
  readonly clean: Float32Array;
}

export interface SampleOptions {
  /** Predicted noise (same length as the sample) at timestep t. */
  readonly predictNoise: Predict;
  readonly schedule: Schedule;
  /** A registered name; see `samplerNames`. */
  readonly sampler: string;
  /** Whole number from 1 to the schedule's training steps. */
  readonly steps: number;
  /** Share of fresh noise per step, from 0 (default) to 1; above 0 for `ddim` only. */
  readonly eta?: number;
  /** Standard normal noise to begin from; left as it is. */
  readonly latents: Float32Array;
  /**
   * Source of fresh noise, not drawn from while eta is 0. With one stream for each item of a batch,
   * an item's result does not depend on what else is in the batch.
   */
  readonly random: Random | readonly Random[];
  /** Waited for, so that what has been found so far can be drawn; what it throws ends the sampling. */
  readonly onStep?: (info: StepInfo) => void | Promise<void>;
}

/**
 * Samples from noise to a clean sample of the same length, in exactly `steps` predictions.
 * The last step ends at abar_0, as Stable Diffusion's does.
 *
 * @example
 * const z = await sample({ predictNoise, schedule, sampler: 'ddim', steps: 50, latents, random });
 */
export async function sample(options: SampleOptions): Promise<Float32Array> {
  const { schedule, steps } = options;
  const sampler = getSampler(options.sampler);
  const levels = timesteps(schedule, steps).map((timestep) => ({
    timestep,
    alphaBar: alphaBarAt(schedule, timestep),
  }));
  return sampleAlong({ ...options, sampler, levels, alphaBarEnd: alphaBarAt(schedule, 0) });
}

/** A point on the way from noise to data. */
export interface NoiseLevel {
  readonly timestep: number;
  readonly alphaBar: number;
}

export interface SampleAlongOptions extends Pick<
  SampleOptions,
  'predictNoise' | 'eta' | 'latents' | 'random' | 'onStep'
> {
  readonly sampler: Sampler;
  /** Levels to predict at, from noisy to clean. */
  readonly levels: readonly NoiseLevel[];
  /** abar at which the last step ends. */
  readonly alphaBarEnd: number;
}

/** The loop itself, along any falling sequence of noise levels. */
export async function sampleAlong(options: SampleAlongOptions): Promise<Float32Array> {
  const { sampler, levels, alphaBarEnd, eta = 0, random, onStep } = options;
  checkEta(sampler, eta);
  const drawNoise = noiseSource(random, options.latents.length);
  let x: Float32Array = options.latents.slice();
  let previous: StepInput['previous'];
  for (const [i, { timestep, alphaBar }] of levels.entries()) {
    const noise = await options.predictNoise(x, timestep, i);
    if (noise.length !== x.length) {
      throw new WorkError(
        `sampling: the model predicted ${noise.length} noise values for a sample of ${x.length}`,
      );
    }
    const clean = noiseToClean(x, noise, alphaBar);
    x = sampler.step({
      x,
      noise,
      clean,
      alphaBar,
      alphaBarNext: levels[i + 1]?.alphaBar ?? alphaBarEnd,
      isLast: i + 1 === levels.length,
      eta,
      drawNoise,
      ...(previous && { previous }),
    });
    previous = { clean, alphaBar };
    await onStep?.({ done: i + 1, steps: levels.length, timestep, x, clean });
  }
  if (!x.every(Number.isFinite)) {
    throw new WorkError(
      `sampling: the result has values that are not finite after ${levels.length} steps of ${sampler.name}; the weights or the input hold such values`,
    );
  }
  return x;
}

/** Draws noise for a whole batch, an equal share from each stream. */
function noiseSource(random: Random | readonly Random[], size: number): () => Float32Array {
  const streams = 'length' in random ? random : [random];
  const share = size / streams.length;
  if (!Number.isInteger(share)) {
    throw new InputError(
      `sampling: ${size} latent values cannot be shared among ${streams.length} random streams`,
    );
  }
  return () => {
    const noise = new Float32Array(size);
    streams.forEach((stream, i) => stream.fillNormal(noise.subarray(i * share, (i + 1) * share)));
    return noise;
  };
}

function checkEta(sampler: Sampler, eta: number): void {
  if (!(eta >= 0 && eta <= 1)) {
    throw new InputError(`eta: ${eta} is out of range; give a number from 0 to 1`);
  }
  if (eta > 0 && !sampler.stochastic) {
    throw new InputError(
      `eta: ${eta} with sampler ${sampler.name}, which adds no noise; give 0 or use ddim`,
    );
  }
}
