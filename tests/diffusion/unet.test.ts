import { describe, it } from 'vitest';
import { unet } from '../../src/diffusion/unet.js';
import { expectLikePyTorch } from '../nn/pytorch-case.js';
import { timesteps, tinyUNet } from './tiny-unet.js';

describe('the UNet', () => {
  it('has the names, outputs and gradients of diffusers', () =>
    expectLikePyTorch('unet', (p, { latents, context }) =>
      unet(p, tinyUNet, { latents: latents!, timesteps, context: context! }),
    ));
});
