import { describe, expect, it } from 'vitest';
import {
  decode,
  encode,
  latentStride,
  normaliseLatents,
  restoreLatents,
  type AutoencoderConfig,
} from '../../src/diffusion/autoencoder.js';
import { concat, input } from '../../src/graph/index.js';
import { trainableParameters } from '../../src/nn/index.js';
import { expectClose } from '../graph/check-op.js';
import { evaluate } from '../graph/interpreter.js';
import { expectLikePyTorch } from '../nn/pytorch-case.js';
import { waves } from '../nn/waves.js';

const config: AutoencoderConfig = {
  latentChannels: 3,
  channels: [8, 16],
  layersPerLevel: [1, 1],
  groups: 4,
  patchSize: 1,
  latentMean: [0.5, -1, 0],
  latentDeviation: [2, 0.25, 1],
};

describe('the autoencoder', () => {
  it('encodes as in diffusers, with its names and gradients', () =>
    expectLikePyTorch('autoencoder-encode', (p, { images }) => {
      const { mean, logVariance } = encode(p, config, images!);
      return concat([mean, logVariance], 1);
    }));

  it('decodes as in diffusers, with its names and gradients', () =>
    expectLikePyTorch('autoencoder-decode', (p, { latents }) => decode(p, config, latents!)));

  it('normalises latents per channel and back', () => {
    const shape = [2, 3, 2, 2];
    const latents = input('latents', shape);
    const normal = normaliseLatents(config, latents);
    const values = waves('latents', shape);
    const [seen, back] = evaluate([normal, restoreLatents(config, normal)], { latents: values });
    expect(seen!.data[0]).toBeCloseTo((values[0]! - 0.5) / 2, 6);
    expect(seen!.data[4]).toBeCloseTo((values[4]! + 1) / 0.25, 5);
    expectClose(back!.data, values, 1e-6);
  });

  it('works on patches, whose side multiplies the stride', () => {
    const patched = { ...config, patchSize: 2 };
    expect(latentStride(patched)).toBe(4);
    const parameters = trainableParameters(new Map(), 0);
    const { mean } = encode(parameters, patched, input('images', [1, 3, 16, 8]));
    expect(mean.shape).toEqual([1, 3, 4, 2]);
    expect(decode(parameters, patched, mean).shape).toEqual([1, 3, 16, 8]);
  });

  it('names images that do not split into patches', () => {
    const parameters = trainableParameters(new Map(), 0);
    const images = input('images', [1, 3, 15, 8]);
    expect(() => encode(parameters, { ...config, patchSize: 2 }, images)).toThrow(
      'spaceToDepth([1,3,15,8]): 15x8 pixels do not split into 2x2 blocks',
    );
  });
});
