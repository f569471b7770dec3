import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { NamedTensors } from '../../src/checkpoints/named-tensors.js';
import { AdamW } from '../../src/training/adamw.js';
import { clipFactor, globalNorm } from '../../src/training/gradient-buffer.js';
import { waves } from './waves.js';

interface Fixture {
  clip: number;
  rates: number[];
  steps: {
    norm: number;
    weight: number[];
    bias: number[];
    weightFirst: number[];
    weightSecond: number[];
  }[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/adamw.json', import.meta.url), 'utf8'),
) as Fixture;

describe('AdamW', () => {
  it('takes the same clipped steps as PyTorch', () => {
    const parameters: NamedTensors = new Map([
      ['weight', { shape: [2, 3], data: waves(6, 0.3) }],
      ['bias', { shape: [3], data: waves(3, 1.1) }],
    ]);
    const adamw = new AdamW(parameters, {
      betas: [0.8, 0.95],
      epsilon: 1e-6,
      weightDecay: 0.1,
      decayVectors: false,
    });
    fixture.steps.forEach((expected, i) => {
      const step = i + 1;
      const gradients = new Map([
        ['weight', waves(6, step * 1.7)],
        ['bias', waves(3, step * 2.9)],
      ]);
      const norm = globalNorm(gradients);
      expect(norm).toBeCloseTo(expected.norm, 5);
      adamw.update(gradients, step, fixture.rates[i]!, clipFactor(norm, fixture.clip));
      const { first, second } = adamw.moments.get('weight')!;
      expectClose(parameters.get('weight')!.data, expected.weight);
      expectClose(parameters.get('bias')!.data, expected.bias);
      expectClose(first, expected.weightFirst);
      expectClose(second, expected.weightSecond);
    });
  });

  it('decays vectors when asked to', () => {
    const data = Float32Array.of(1, -2);
    const adamw = new AdamW(new Map([['bias', { shape: [2], data }]]), {
      betas: [0.9, 0.999],
      epsilon: 1e-8,
      weightDecay: 0.5,
      decayVectors: true,
    });
    adamw.update(new Map([['bias', new Float32Array(2)]]), 1, 0.1);
    // No gradient: only 1 - 0.1 · 0.5 = 0.95 of each weight stays.
    expectClose(data, [0.95, -1.9]);
  });
});

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(5e-7));
}
