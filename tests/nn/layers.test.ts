import { describe, expect, it } from 'vitest';
import {
  constant,
  convTranspose2d,
  gelu,
  input,
  maxPool2d,
  resizeBilinear,
} from '../../src/graph/index.js';
import {
  batchNorm,
  conv2d,
  groupNorm,
  layerNorm,
  linear,
  ones,
  trainableParameters,
  type Parameters,
} from '../../src/nn/index.js';
import { expectLikePyTorch } from './pytorch-case.js';
import { waveParameter } from './waves.js';

/** Statistics are no parameters in PyTorch: they come as constants. */
const withStatistics = (p: Parameters): Parameters => ({
  ...p,
  tensor: (name, shape, initialise) => {
    if (name === 'running_mean') return constant(waveParameter(name, shape), shape);
    if (name === 'running_var') return constant(waveParameter('running_var.weight', shape), shape);
    return p.tensor(name, shape, initialise);
  },
});

describe('outputs and gradients are those of PyTorch:', () => {
  it('group normalisation', () =>
    expectLikePyTorch('group-norm', (p, { x }) => groupNorm(p, x!, 3, 1e-5)));
  it('layer normalisation', () =>
    expectLikePyTorch('layer-norm', (p, { x }) => layerNorm(p, x!, 1e-5)));
  it('batch normalisation at inference', () =>
    expectLikePyTorch('batch-norm', (p, { x }) => batchNorm(withStatistics(p), x!, 1e-3)));
  it('linear layer', () => expectLikePyTorch('linear', (p, { x }) => linear(p, x!, 4)));
  it('strided convolution', () =>
    expectLikePyTorch('strided-conv', (p, { x }) =>
      conv2d(p, x!, 4, 3, { stride: 2, padding: 1 }),
    ));
  it('strided depthwise convolution', () =>
    expectLikePyTorch('depthwise-conv', (p, { x }) =>
      conv2d(p, x!, 4, 3, { stride: 2, padding: 1, groups: 4, bias: false }),
    ));
  it('transposed convolution', () =>
    expectLikePyTorch('transposed-conv', (p, { x }) =>
      convTranspose2d(x!, p.tensor('weight', [4, 3, 4, 4], ones), {
        bias: p.tensor('bias', [3], ones),
        stride: 2,
        padding: 1,
      }),
    ));
  it('bilinear resize with half-pixel centres', () =>
    expectLikePyTorch('bilinear', (_p, { x }) => resizeBilinear(x!, 8, 5)));
  it('max pooling with padding', () =>
    expectLikePyTorch('max-pool', (_p, { x }) => maxPool2d(x!, 3, 2, 1)));
  it('exact GELU', () => expectLikePyTorch('gelu', (_p, { x }) => gelu(x!)));
});

describe('group normalisation', () => {
  it('refuses channels that do not split into the groups', () => {
    const x = input('x', [1, 6, 2, 2]);
    expect(() => groupNorm(trainableParameters(new Map(), 0), x, 4, 1e-5)).toThrow(
      'groupNorm([1,6,2,2]): 6 channels do not split into 4 groups',
    );
  });
});
