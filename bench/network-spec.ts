/** The sizes of a diffusion model and its ControlNet, from which the peer builds diffusers' networks. */
import { readBaseConfig } from '../src/diffusion/base-model.js';
import type { AutoencoderConfig } from '../src/diffusion/autoencoder.js';
import { latentStride } from '../src/diffusion/autoencoder.js';
import type { FullModelConfig } from '../src/diffusion/base-config.js';
import { FEATINV_HINT_WIDTH, stableDiffusion } from '../src/diffusion/stable-diffusion.js';
import type { UNetConfig } from '../src/diffusion/unet.js';
import { packageRoot } from '../src/package-root.js';
import path from 'node:path';

export interface NetworkSpec {
  readonly imageSize: number;
  /** Side of the latents. */
  readonly grid: number;
  readonly autoencoder: AutoencoderConfig;
  readonly unet: UNetConfig;
  readonly hintWidth: number;
  /** Channels, height and width of the classifier's map. */
  readonly mapShape: readonly [number, number, number];
}

/** The shipped base model, with an inverter of this hint encoder. */
export async function tinyNetwork(
  hintWidth: number,
  mapShape: NetworkSpec['mapShape'],
): Promise<NetworkSpec> {
  const base = await readBaseConfig(path.join(packageRoot(), 'models', 'bases', 'tiny'));
  return networkOf(base as FullModelConfig, hintWidth, mapShape);
}

/** Stable Diffusion v1 at 256 pixels, steered by ConvNeXt-B's last map. */
export const fullNetwork = networkOf(stableDiffusion(256), FEATINV_HINT_WIDTH, [1024, 9, 9]);

function networkOf(
  { imageSize, autoencoder, unet }: FullModelConfig,
  hintWidth: number,
  mapShape: NetworkSpec['mapShape'],
): NetworkSpec {
  const grid = imageSize / latentStride(autoencoder);
  return { imageSize, grid, autoencoder, unet, hintWidth, mapShape };
}
