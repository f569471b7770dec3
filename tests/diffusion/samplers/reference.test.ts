import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { timesteps } from '../../../src/diffusion/schedule.js';
import type { Predict } from '../../../src/diffusion/samplers/index.js';
import { sample } from '../../../src/diffusion/samplers/index.js';
import { Random } from '../../../src/random.js';
import { schedule } from './gaussian-data.js';

interface Trajectory {
  steps: number;
  timesteps: number[];
  result: number[];
}

/** Made by reference/schedule/make_fixtures.py with diffusers in float64. */
const fixtures = JSON.parse(
  readFileSync(new URL('../../fixtures/samplers.json', import.meta.url), 'utf8'),
) as { start: number[]; ddim: Trajectory[]; 'dpm++': Trajectory[] };

/** The formula that the script takes for a model. */
const predictNoise: Predict = async (x, t) =>
  x.map((value) => Math.tanh(value) * (0.4 + (0.6 * t) / 1000) + 0.1 * Math.cos(3 * value));

describe.each(['ddim', 'dpm++'] as const)('%s beside diffusers', (sampler) => {
  it.each(fixtures[sampler])('visits the same timesteps in $steps steps', (trajectory) => {
    expect(timesteps(schedule, trajectory.steps)).toEqual(trajectory.timesteps);
  });

  it.each(fixtures[sampler])('ends at the same sample after $steps steps', async (trajectory) => {
    const result = await sample({
      predictNoise,
      schedule,
      sampler,
      steps: trajectory.steps,
      latents: Float32Array.from(fixtures.start),
      random: new Random(0),
    });
    trajectory.result.forEach((value, i) => {
      expect(Math.abs(result[i]! - value)).toBeLessThan(2e-5 * (1 + Math.abs(value)));
    });
  });
});
