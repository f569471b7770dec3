import { describe, expect, it } from 'vitest';
import { input } from '../../src/graph/index.js';
import {
  autoencoderAttention,
  downsample,
  resnetBlock,
  spatialTransformer,
  timeEmbedding,
  upsample,
} from '../../src/diffusion/blocks.js';
import { trainableParameters } from '../../src/nn/index.js';
import { expectLikePyTorch } from '../nn/pytorch-case.js';

describe('names, outputs and gradients are those of diffusers:', () => {
  it('residual block with a time embedding', () =>
    expectLikePyTorch('resnet-block', (p, { x, time }) =>
      resnetBlock(p, x!, 8, { groups: 2, epsilon: 1e-5 }, time),
    ));
  it('transformer with self-attention, cross-attention and a gated feed-forward layer', () =>
    expectLikePyTorch('spatial-transformer', (p, { x, context }) =>
      spatialTransformer(p, x!, context!, 2, 4),
    ));
  it('attention of the autoencoder', () =>
    expectLikePyTorch('vae-attention', (p, { x }) =>
      autoencoderAttention(p, x!, { groups: 4, epsilon: 1e-6 }),
    ));
  it('downsampling with zeros on all sides', () =>
    expectLikePyTorch('downsample-symmetric', (p, { x }) => downsample(p, x!, 'symmetric')));
  it('downsampling with zeros right and below', () =>
    expectLikePyTorch('downsample-after', (p, { x }) => downsample(p, x!, 'after')));
  it('upsampling', () => expectLikePyTorch('upsample', (p, { x }) => upsample(p, x!)));
});

describe('blocks of sizes that do not fit', () => {
  const parameters = () => trainableParameters(new Map(), 0);

  it('name the channels that heads cannot share', () => {
    const [x, context] = [input('x', [1, 8, 2, 2]), input('context', [1, 5, 6])];
    expect(() => spatialTransformer(parameters(), x, context, 3, 4)).toThrow(
      /^scaledDotProductAttention\(\[1,4,8\].*\): 8 channels do not split into 3 heads$/,
    );
  });

  it('name the odd width of a time embedding', () => {
    expect(() => timeEmbedding(parameters(), input('t', [2]), 7)).toThrow(
      'timeEmbedding([2]): the width must be even, got 7',
    );
  });
});
