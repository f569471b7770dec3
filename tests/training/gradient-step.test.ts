import { describe, expect, it } from 'vitest';
import type { NamedTensors } from '../../src/checkpoints/named-tensors.js';
import {
  globalAveragePool,
  input,
  mean,
  mul,
  silu,
  sub,
  sum,
  type Tensor,
} from '../../src/graph/index.js';
import { conv2d, groupNorm, linear, trainableParameters } from '../../src/nn/index.js';
import { Random } from '../../src/random.js';
import { AdamW } from '../../src/training/adamw.js';
import { GradientStep } from '../../src/training/gradient-step.js';

const STEPS = 30;
const BATCH = 8;

/** Learns the mean brightness of the left half of 8x8 noise images. */
async function train(): Promise<{ losses: number[]; weights: NamedTensors }> {
  const parameters = trainableParameters(new Map(), 5);
  const images = input('images', [BATCH, 1, 8, 8]);
  const answers = input('answers', [BATCH, 1]);
  let h: Tensor = conv2d(parameters.scope('one'), images, 8, 3, { stride: 2, padding: 1 });
  h = silu(groupNorm(parameters.scope('norm'), h, 2, 1e-5));
  h = conv2d(parameters.scope('two'), h, 8, 3, { padding: 1 });
  const error = sub(linear(parameters.scope('out'), globalAveragePool(silu(h)), 1), answers);
  const loss = mean(mul(error, error));
  const step = GradientStep.trace(loss, parameters, { largest: sum(mul(error, 0)) });
  const adamw = new AdamW(parameters.values, {
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 0.01,
    decayVectors: false,
  });
  const random = new Random(11);
  const losses: number[] = [];
  for (let i = 1; i <= STEPS; i++) {
    const bright = Array.from({ length: BATCH }, () => random.normal());
    const pixels = Float32Array.from(
      { length: BATCH * 64 },
      (_, at) => bright[Math.floor(at / 64)]! * Number(at % 8 < 4) + 0.1 * random.normal(),
    );
    const result = await step.run({ images: pixels, answers: Float32Array.from(bright) });
    expect(result.metrics).toEqual({ largest: expect.closeTo(0, 6) as number });
    losses.push(result.loss);
    adamw.update(result.gradients, i, 0.01);
  }
  return { losses, weights: parameters.values };
}

describe('a training step', () => {
  it('lowers the loss of a small convolutional network, with the same bytes every time', async () => {
    const first = await train();
    const start = first.losses.slice(0, 5).reduce((a, b) => a + b) / 5;
    const end = first.losses.slice(-5).reduce((a, b) => a + b) / 5;
    expect(end).toBeLessThan(0.5 * start);
    const second = await train();
    expect(second.losses).toEqual(first.losses);
    expect(second.weights).toEqual(first.weights);
  });

  it('gives a gradient of zeros to a parameter that the loss does not use', async () => {
    const parameters = trainableParameters(new Map(), 0);
    const used = linear(parameters.scope('used'), input('x', [1, 2]), 1);
    linear(parameters.scope('unused'), input('x', [1, 2]), 1);
    const step = GradientStep.trace(sum(used), parameters);
    const { gradients } = await step.run({ x: Float32Array.of(3, 4) });
    expect(gradients.get('used.weight')).toEqual(Float32Array.of(3, 4));
    expect(gradients.get('unused.weight')).toEqual(Float32Array.of(0, 0));
  });

  it('refuses a metric of several elements', () => {
    const parameters = trainableParameters(new Map(), 0);
    const y = linear(parameters, input('x', [1, 2]), 3);
    expect(() => GradientStep.trace(sum(y), parameters, { y })).toThrow(
      'metric "y" must have one element, got shape [1,3]',
    );
  });
});
