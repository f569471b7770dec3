import { describe, expect, it } from 'vitest';
import { alphaBarAt } from '../../../src/diffusion/schedule.js';
import type { Predict, SampleOptions } from '../../../src/diffusion/samplers/index.js';
import {
  cleanToNoise,
  getSampler,
  noiseFromClean,
  noiseFromVelocity,
  noiseToClean,
  sample,
  samplerNames,
} from '../../../src/diffusion/samplers/index.js';
import { sampleAlong } from '../../../src/diffusion/samplers/sample.js';
import { InputError, WorkError } from '../../../src/errors.js';
import { Random } from '../../../src/random.js';
import { evenLevels, exactFlow, idealNoise, schedule, type GaussianData } from './gaussian-data.js';

const data: GaussianData = { mean: 1.5, deviation: 0.6 };
const ideal = idealNoise(data, (t) => alphaBarAt(schedule, t));

const run = (options: Partial<SampleOptions> = {}): Promise<Float32Array> =>
  sample({
    predictNoise: ideal,
    schedule,
    sampler: 'ddim',
    steps: 50,
    latents: new Random(1).fillNormal(new Float32Array(4096)),
    random: new Random(2),
    ...options,
  });

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

describe.each(samplerNames)('%s', (sampler) => {
  it('carries the mean and deviation of Gaussian data along the exact flow', async () => {
    const result = moments(await run({ sampler, steps: 200 }));
    // The schedule never reaches pure noise, so the exact flow from it misses the mean slightly.
    const start = new Random(1).fillNormal(new Float32Array(4096));
    const [from, to] = [alphaBarAt(schedule, 996), alphaBarAt(schedule, 0)];
    const exact = moments(start.map((value) => exactFlow(data, value, from, to)));
    expect(Math.abs(result.mean - exact.mean)).toBeLessThan(0.005);
    expect(Math.abs(result.deviation - exact.deviation)).toBeLessThan(0.01);
    expect(Math.abs(result.mean - data.mean)).toBeLessThan(0.1);
    expect(Math.abs(result.deviation - data.deviation)).toBeLessThan(0.05);
  });

  it.each([1, 3, 9, 27, 36, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 1000])(
    'predicts exactly %i times and stays finite',
    async (steps) => {
      const visited: number[] = [];
      const predictNoise: Predict = (x, t, i) => {
        expect(i).toBe(visited.length);
        visited.push(t);
        return ideal(x, t, i);
      };
      const result = await run({ sampler, steps, predictNoise, latents: Float32Array.of(0.3, -1) });
      expect(visited).toHaveLength(steps);
      expect(result.every(Number.isFinite)).toBe(true);
    },
  );

  it('leaves its starting noise alone and draws nothing while eta is 0', async () => {
    const latents = Float32Array.of(0.5, -0.25);
    const random = new Random(3);
    const before = random.state();
    await run({ sampler, latents, random, steps: 5 });
    expect([...latents]).toEqual([0.5, -0.25]);
    expect(random.state()).toEqual(before);
  });

  it('recovers a single known picture in any number of steps', async () => {
    const picture = Float32Array.of(0.25, -1, 2);
    const predictNoise: Predict = async (x, t) => cleanToNoise(x, picture, alphaBarAt(schedule, t));
    for (const steps of [1, 2, 7]) {
      const latents = new Random(4).fillNormal(new Float32Array(3));
      let clean = new Float32Array();
      await run({
        sampler,
        steps,
        predictNoise,
        latents,
        onStep: (info) => void (clean = info.clean.slice()),
      });
      clean.forEach((value, i) => expect(value).toBeCloseTo(picture[i]!, 4));
    }
  });
});

/** Largest error against the exact flow, over a few samples. */
async function flowError(sampler: string, steps: number): Promise<number> {
  const { levels, alphaBarEnd } = evenLevels(steps);
  const latents = Float32Array.of(-2, -0.5, 0.4, 1.7);
  const result = await sampleAlong({
    predictNoise: idealNoise(data, (t) => levels[t]!.alphaBar),
    sampler: getSampler(sampler),
    levels,
    alphaBarEnd,
    latents,
    random: new Random(0),
  });
  const errors = [...latents].map((value, i) =>
    Math.abs(result[i]! - exactFlow(data, value, levels[0]!.alphaBar, alphaBarEnd)),
  );
  return Math.max(...errors);
}

describe('error order', () => {
  it.each([
    ['ddim', 1],
    ['dpm++', 2],
  ])('%s is of order %i', async (sampler, order) => {
    const errors = await Promise.all([40, 80, 160].map((steps) => flowError(sampler, steps)));
    for (const [coarse, fine] of [errors.slice(0, 2), errors.slice(1)]) {
      expect(Math.log2(coarse! / fine!)).toBeGreaterThan(order - 0.25);
      expect(Math.log2(coarse! / fine!)).toBeLessThan(order + 0.4);
    }
  });

  it('dpm++ is closer to the exact flow than ddim', async () => {
    expect(await flowError('dpm++', 20)).toBeLessThan(0.2 * (await flowError('ddim', 20)));
  });
});

describe('eta', () => {
  it('adds noise that keeps the distribution, from the given stream only', async () => {
    const first = await run({ eta: 1, steps: 200 });
    const again = await run({ eta: 1, steps: 200 });
    const other = await run({ eta: 1, steps: 200, random: new Random(99) });
    expect(first).toEqual(again);
    expect(other).not.toEqual(first);
    const { mean, deviation } = moments(first);
    expect(Math.abs(mean - data.mean)).toBeLessThan(0.1);
    expect(Math.abs(deviation - data.deviation)).toBeLessThan(0.05);
  });

  it('has the deviation of the DDIM paper in a single step', async () => {
    const levels = [{ timestep: 981, alphaBar: alphaBarAt(schedule, 981) }];
    const alphaBarEnd = alphaBarAt(schedule, 481);
    const step = (eta: number): Promise<Float32Array> =>
      sampleAlong({
        predictNoise: async (x) => new Float32Array(x.length),
        sampler: getSampler('ddim'),
        levels,
        alphaBarEnd,
        latents: new Float32Array(20000),
        random: new Random(5),
        eta,
      });
    const ratio = (1 - alphaBarEnd) / (1 - levels[0]!.alphaBar);
    const sigma = 0.5 * Math.sqrt(ratio * (1 - levels[0]!.alphaBar / alphaBarEnd));
    expect(moments(await step(0.5)).deviation / sigma).toBeCloseTo(1, 1);
    expect(moments(await step(0)).deviation).toBe(0);
  });

  it("gives each item of a batch its own stream, so that others don't change it", async () => {
    const latents = Float32Array.of(0.5, -1, 0.25, 2);
    const both = await run({
      eta: 1,
      steps: 5,
      latents,
      random: [new Random(7), new Random(8)],
    });
    const second = latents.slice(2);
    const alone = await run({ eta: 1, steps: 5, latents: second, random: new Random(8) });
    expect(both.slice(2)).toEqual(alone);
    const three = [1, 2, 3].map((seed) => new Random(seed));
    await expect(run({ latents, random: three })).rejects.toThrow(/shared among 3 random streams/);
  });

  it.each([-0.1, 1.5, Number.NaN])('refuses eta %d', async (eta) => {
    await expect(run({ eta })).rejects.toThrow(/eta: .* give a number from 0 to 1/);
  });

  it('refuses noise with a sampler that adds none', async () => {
    await expect(run({ sampler: 'dpm++', eta: 0.5 })).rejects.toThrow(/give 0 or use ddim/);
  });
});

describe('other kinds of prediction', () => {
  it('samples the same from a clean-sample and from a velocity model', async () => {
    const latents = new Random(6).fillNormal(new Float32Array(64));
    const predictClean: Predict = async (x, t, i) =>
      noiseToClean(x, await ideal(x, t, i), alphaBarAt(schedule, t));
    const predictVelocity: Predict = async (x, t, i) => {
      const noise = await ideal(x, t, i);
      const clean = await predictClean(x, t, i);
      const alphaBar = alphaBarAt(schedule, t);
      return noise.map(
        (value, k) => Math.sqrt(alphaBar) * value - Math.sqrt(1 - alphaBar) * clean[k]!,
      );
    };
    const expected = await run({ latents });
    for (const predictNoise of [
      noiseFromClean(predictClean, schedule),
      noiseFromVelocity(predictVelocity, schedule),
    ]) {
      const result = await run({ latents, predictNoise });
      result.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
    }
  });
});

describe('sample', () => {
  it('reports every step', async () => {
    const seen: string[] = [];
    await run({
      steps: 3,
      onStep: ({ done, steps, timestep }) => void seen.push(`${done}/${steps}@${timestep}`),
    });
    expect(seen).toEqual(['1/3@667', '2/3@334', '3/3@1']);
  });

  it('refuses an unknown sampler and lists the known ones', async () => {
    await expect(run({ sampler: 'euler' })).rejects.toThrow(InputError);
    await expect(run({ sampler: 'euler' })).rejects.toThrow(/the samplers are ddim, dpm\+\+/);
  });

  it('refuses a number of steps that the schedule cannot give', async () => {
    await expect(run({ steps: 1001 })).rejects.toThrow(/whole number from 1 to 1000/);
  });

  it('fails plainly when the model returns the wrong size or values that are not finite', async () => {
    const short: Predict = async () => new Float32Array(3);
    await expect(run({ predictNoise: short })).rejects.toThrow(WorkError);
    const broken: Predict = async (x) => x.map(() => Number.NaN);
    await expect(run({ predictNoise: broken })).rejects.toThrow(/not finite/);
  });
});
