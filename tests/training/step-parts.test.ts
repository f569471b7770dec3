import { describe, expect, it } from 'vitest';

import { clipFactor, findNonFinite, GradientBuffer } from '../../src/training/gradient-buffer.js';
import { learningRateAt } from '../../src/training/learning-rate.js';
import { averageDecay, WeightAverage } from '../../src/training/weight-average.js';

const tensor = (...values: number[]) => ({
  shape: [values.length],
  data: Float32Array.from(values),
});

describe('learning rate', () => {
  const config = { learningRate: 0.1, warmupSteps: 4, finalLearningRate: 0.02, steps: 12 };

  it('rises linearly to the full rate at the last warm-up step', () => {
    const rates = [1, 2, 3, 4, 5].map((step) =>
      learningRateAt(step, { ...config, schedule: 'constant' }),
    );
    [0.025, 0.05, 0.075, 0.1, 0.1].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 12));
  });

  it('falls along half a cosine to the final rate at the last step', () => {
    const rate = (step: number) => learningRateAt(step, { ...config, schedule: 'cosine' });
    expect(rate(4)).toBeCloseTo(0.1, 12);
    expect(rate(8)).toBeCloseTo(0.06, 12);
    expect(rate(12)).toBeCloseTo(0.02, 12);
    expect(rate(40)).toBeCloseTo(0.02, 12);
  });

  it('starts with the full rate where there is no warm-up', () => {
    expect(learningRateAt(1, { ...config, warmupSteps: 0, schedule: 'constant' })).toBe(0.1);
  });
});

describe('gradient buffer', () => {
  const parameters = new Map([['w', tensor(0, 0)]]);

  it('averages micro-batches', () => {
    const buffer = new GradientBuffer(parameters, 2);
    for (const offset of [100, 0]) {
      buffer.add(new Map([['w', Float32Array.of(1 + offset, 2)]]));
      buffer.add(new Map([['w', Float32Array.of(3 + offset, -4)]]));
      const { gradients, averaging } = buffer.take();
      const sums = gradients.get('w')!;
      expect(Array.from(sums, (sum) => sum * averaging)).toEqual([2 + offset, -1]);
    }
  });

  it('hands a single micro-batch on without a copy', () => {
    const buffer = new GradientBuffer(parameters, 1);
    const gradient = Float32Array.of(1, 2);
    buffer.add(new Map([['w', gradient]]));
    expect(buffer.take().gradients.get('w')).toBe(gradient);
  });

  it('names a gradient that is missing or of a wrong length', () => {
    const buffer = new GradientBuffer(parameters, 1);
    expect(() => buffer.add(new Map())).toThrow(
      'the gradient of "w" must have 2 values, but there is none',
    );
    expect(() => buffer.add(new Map([['w', new Float32Array(3)]]))).toThrow('got 3');
  });
});

describe('clipping', () => {
  it('brings a long gradient down to the limit and leaves a short one alone', () => {
    expect(10 * clipFactor(10, 2)).toBeCloseTo(2, 5);
    expect(clipFactor(1, 2)).toBe(1);
    expect(clipFactor(1e9, null)).toBe(1);
  });

  it('finds the first array that is not finite', () => {
    const arrays = new Map([
      ['a', Float32Array.of(1)],
      ['b', Float32Array.of(1, NaN)],
    ]);
    expect(findNonFinite(arrays)).toBe('b');
    arrays.delete('b');
    expect(findNonFinite(arrays)).toBeUndefined();
  });
});

describe('moving average', () => {
  it('begins with small decays when warming up', () => {
    expect(averageDecay({ decay: 0.999, warmup: true }, 1)).toBeCloseTo(2 / 11, 12);
    expect(averageDecay({ decay: 0.999, warmup: true }, 1e6)).toBe(0.999);
    expect(averageDecay({ decay: 0.5, warmup: false }, 1)).toBe(0.5);
  });

  it('moves towards the weights', () => {
    const parameters = new Map([['w', tensor(0, 8)]]);
    const average = new WeightAverage(parameters, { decay: 0.75, warmup: false });
    parameters.get('w')!.data.set([4, 8]);
    average.update(1);
    expect([...average.values.get('w')!.data]).toEqual([1, 8]);
    average.update(2);
    expect([...average.values.get('w')!.data]).toEqual([1.75, 8]);
  });
});
