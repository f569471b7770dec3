import type { UNetConfig } from '../../src/diffusion/unet.js';
import { constant } from '../../src/graph/index.js';

/** The network of reference/engine/make_fixtures.py. */
export const tinyUNet: UNetConfig = {
  latentChannels: 4,
  channels: [8, 16],
  layersPerLevel: 2,
  attention: [true, false],
  heads: 2,
  groups: 4,
  contextLength: 5,
  contextWidth: 6,
};

export const timesteps = constant([7, 503], [2]);
