import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { NamedTensors } from '../../../src/checkpoints/named-tensors.js';
import { outerStep, TensorMean } from '../../../src/training/rounds/index.js';

type Values = Readonly<Record<'weight' | 'bias', number[]>>;

const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/outer-step.json', import.meta.url), 'utf8'),
) as {
  outerLearningRate: number;
  outerMomentum: number;
  start: Values;
  rounds: (Values & { results: Values[] })[];
};

const tensors = ({ weight, bias }: Values): NamedTensors =>
  new Map([
    ['weight', { shape: [2, 3], data: Float32Array.from(weight) }],
    ['bias', { shape: [3], data: Float32Array.from(bias) }],
  ]);

const zeros = (): NamedTensors => tensors({ weight: [0, 0, 0, 0, 0, 0], bias: [0, 0, 0] });

function step(
  weights: NamedTensors,
  buffers: NamedTensors,
  results: readonly NamedTensors[],
  config: { outerLearningRate: number; outerMomentum: number },
): void {
  const mean = new TensorMean(weights);
  for (const result of results) mean.add(result);
  outerStep(weights, buffers, mean.values(), config);
}

describe('the outer step', () => {
  it('is SGD with Nesterov momentum on the mean change, as PyTorch computes it', () => {
    const weights = tensors(fixture.start);
    const buffers = zeros();
    for (const { results, ...expected } of fixture.rounds) {
      step(weights, buffers, results.map(tensors), fixture);
      for (const name of ['weight', 'bias'] as const) {
        weights.get(name)!.data.forEach((value, i) => {
          // The reference computes in double precision; here weights are rounded once in a round.
          expect(Math.abs(value - expected[name][i]!)).toBeLessThan(1e-6);
        });
      }
    }
  });

  it('gives the mean itself, bit for bit, with learning rate 1 and no momentum', () => {
    const weights = tensors(fixture.start);
    const [result] = fixture.rounds[0]!.results.map(tensors);
    step(weights, zeros(), [result!], { outerLearningRate: 1, outerMomentum: 0 });
    expect(weights).toEqual(result);
  });
});
