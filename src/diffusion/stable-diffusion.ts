/** The sizes of Stable Diffusion v1 (Rombach et al. 2022); MiniSD is the same network at 256 pixels. */
import { defaultSchedule, type BaseModelConfig, type FullModelConfig } from './base-config.js';

export const stableDiffusionUNet = {
  latentChannels: 4,
  channels: [320, 640, 1280, 1280],
  layersPerLevel: 2,
  attention: [true, true, true, false],
  heads: 8,
  groups: 32,
  contextLength: 77,
  contextWidth: 768,
} satisfies BaseModelConfig['unet'];

/** The denoiser sees latents times this. */
export const LATENT_SCALE = 0.18215;

export const stableDiffusionAutoencoder = {
  latentChannels: 4,
  channels: [128, 256, 512, 512],
  layersPerLevel: [2, 2, 2, 2],
  groups: 32,
  patchSize: 1,
  latentMean: [0, 0, 0, 0],
  latentDeviation: [0, 0, 0, 0].map(() => 1 / LATENT_SCALE),
} satisfies BaseModelConfig['autoencoder'];

/** `imageSize` is the side of the images in pixels. */
export function stableDiffusion(imageSize: number): FullModelConfig {
  return {
    schemaVersion: 1,
    scale: 'sd1',
    imageSize,
    autoencoder: stableDiffusionAutoencoder,
    unet: stableDiffusionUNet,
    schedule: defaultSchedule,
    training: {},
  };
}

/** Channels of the hint encoder of FeatInv (arXiv 2505.21032). */
export const FEATINV_HINT_WIDTH = 512;
