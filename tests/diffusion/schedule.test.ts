import { describe, expect, it } from 'vitest';
import {
  addNoise,
  alphaBarAt,
  scaledLinearSchedule,
  timesteps,
} from '../../src/diffusion/schedule.js';
import { InputError } from '../../src/errors.js';

const schedule = scaledLinearSchedule();

describe('scaledLinearSchedule', () => {
  // Values of Stable Diffusion v1's checkpoint buffer, to ten decimals.
  it.each([
    [0, 0.99915],
    [1, 0.9982960278],
    [21, 0.9803807481],
    [41, 0.9608727876],
    [500, 0.2763326838],
    [961, 0.0072817271],
    [981, 0.0057755001],
    [999, 0.0046600985],
  ])('gives abar at timestep %i as Stable Diffusion does', (t, expected) => {
    expect(Math.abs(alphaBarAt(schedule, t) - expected)).toBeLessThan(5.1e-11);
  });

  it('falls strictly', () => {
    const { alphasCumprod } = schedule;
    expect(alphasCumprod.slice(1).every((value, i) => value < alphasCumprod[i]!)).toBe(true);
  });

  it('refuses betas out of order and too few steps', () => {
    expect(() => scaledLinearSchedule({ betaStart: 0.1, betaEnd: 0.01 })).toThrow(
      /betas from 0.1 to 0.01; they must satisfy/,
    );
    expect(() => scaledLinearSchedule({ trainingSteps: 1 })).toThrow(/at least 2/);
  });

  it('refuses a timestep outside the schedule', () => {
    expect(() => alphaBarAt(schedule, 1000)).toThrow(/timestep 1000: .* from 0 to 999/);
    expect(() => alphaBarAt(schedule, 0.5)).toThrow(InputError);
  });
});

describe('timesteps', () => {
  it('visits 981, 961, ..., 1 in 50 steps', () => {
    expect(timesteps(schedule, 50)).toEqual(Array.from({ length: 50 }, (_, i) => 981 - 20 * i));
  });

  it('gives exactly S falling timesteps inside the schedule for every S from 1 to 1000', () => {
    for (let steps = 1; steps <= 1000; steps++) {
      const visited = timesteps(schedule, steps);
      expect(visited).toHaveLength(steps);
      expect(visited.every((t) => Number.isInteger(t) && t >= 0 && t <= 999)).toBe(true);
      expect(visited.slice(1).every((t, i) => t < visited[i]!)).toBe(true);
      const stride = Math.floor(1000 / steps);
      expect(visited.slice(1).every((t, i) => visited[i]! - t === stride)).toBe(true);
    }
  });

  it('ends at timestep 1, except at 1000 steps, which use every timestep', () => {
    for (const steps of [1, 3, 9, 27, 36, 101, 105, 111, 999]) {
      expect(timesteps(schedule, steps).at(-1)).toBe(1);
    }
    expect(timesteps(schedule, 1)).toEqual([1]);
    expect(timesteps(schedule, 3)).toEqual([667, 334, 1]);
    const all = timesteps(schedule, 1000);
    expect([all[0], all[999]]).toEqual([999, 0]);
  });

  it.each([0, -3, 1001, 2.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d steps', (steps) => {
    expect(() => timesteps(schedule, steps)).toThrow(InputError);
    expect(() => timesteps(schedule, steps)).toThrow(/give a whole number from 1 to 1000/);
  });
});

describe('addNoise', () => {
  it('mixes signal and noise so that the variance is preserved', () => {
    const alphaBar = alphaBarAt(schedule, 500);
    const mixed = addNoise(schedule, Float32Array.of(2, -1), Float32Array.of(0.5, 3), 500);
    expect(mixed[0]).toBeCloseTo(2 * Math.sqrt(alphaBar) + 0.5 * Math.sqrt(1 - alphaBar), 6);
    expect(mixed[1]).toBeCloseTo(-Math.sqrt(alphaBar) + 3 * Math.sqrt(1 - alphaBar), 6);
  });

  it('refuses arrays of different lengths', () => {
    expect(() => addNoise(schedule, new Float32Array(3), new Float32Array(4), 5)).toThrow(
      /3 clean values but 4 noise values/,
    );
  });
});
