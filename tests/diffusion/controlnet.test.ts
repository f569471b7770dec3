import { describe, expect, it } from 'vitest';
import { controlNet, hintEncoder } from '../../src/diffusion/controlnet.js';
import { unet } from '../../src/diffusion/unet.js';
import { input } from '../../src/graph/index.js';
import { trainableParameters } from '../../src/nn/index.js';
import { parameterFeeds } from '../../src/training/gradient-step.js';
import { Session } from '../../src/runtime/session.js';
import { expectLikePyTorch } from '../nn/pytorch-case.js';
import { waves } from '../nn/waves.js';
import { timesteps, tinyUNet } from './tiny-unet.js';

const hint = { width: 6 };

describe('the ControlNet', () => {
  it('upsamples after the first product of the hint encoder and computes the same', () =>
    expectLikePyTorch('hint-encoder', (p, { features }) =>
      hintEncoder(p, features!, [8, 4], hint, 8),
    ));

  it('steers the UNet as in diffusers, with its names and gradients', () =>
    expectLikePyTorch('controlnet', (p, { latents, context, features }) => {
      const inputs = { latents: latents!, timesteps, context: context! };
      const residuals = controlNet(p.scope('control'), tinyUNet, hint, inputs, features!);
      return unet(p.scope('base'), tinyUNet, inputs, residuals);
    }));

  it('changes nothing before it is trained', async () => {
    const parameters = trainableParameters(new Map(), 1);
    const shapes = { latents: [2, 4, 8, 4], context: [2, 5, 6], features: [2, 5, 3, 3] };
    const inputs = {
      latents: input('latents', shapes.latents),
      timesteps,
      context: input('context', shapes.context),
    };
    const features = input('features', shapes.features);
    const base = parameters.scope('base');
    const residuals = controlNet(parameters.scope('control'), tinyUNet, hint, inputs, features);
    const session = await Session.compile({
      plain: unet(base, tinyUNet, inputs),
      steered: unet(base, tinyUNet, inputs, residuals),
    });
    const { plain, steered } = await session.run({
      ...parameterFeeds(parameters),
      ...Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => [name, waves(name, shape)]),
      ),
    });
    await session.dispose();
    expect(steered).toEqual(plain);
  });
});
