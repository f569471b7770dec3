/** The sizes of Stable Diffusion v1 (Rombach et al. 2022); MiniSD is the same network at 256 pixels. */
import type { AutoencoderConfig } from './autoencoder.js';
import type { UNetConfig } from './unet.js';

export const stableDiffusionUNet: UNetConfig = {
  latentChannels: 4,
  channels: [320, 640, 1280, 1280],
  layersPerLevel: 2,
  attention: [true, true, true, false],
  heads: 8,
  groups: 32,
  contextLength: 77,
  contextWidth: 768,
};

/** The denoiser sees latents times this. */
export const LATENT_SCALE = 0.18215;

export const stableDiffusionAutoencoder: AutoencoderConfig = {
  latentChannels: 4,
  channels: [128, 256, 512, 512],
  layersPerLevel: [2, 2, 2, 2],
  groups: 32,
  patchSize: 1,
  latentMean: [0, 0, 0, 0],
  latentDeviation: [0, 0, 0, 0].map(() => 1 / LATENT_SCALE),
};

/** Channels of the hint encoder of FeatInv (arXiv 2505.21032). */
export const FEATINV_HINT_WIDTH = 512;
