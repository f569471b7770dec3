/** FeatInv traced: the frozen UNet, steered by a ControlNet that reads a feature map. */
import { broadcastTo, hoist, mean, type Hoisted, type Tensor } from '../graph/index.js';
import type { Parameters } from '../nn/index.js';
import { controlNet } from '../diffusion/controlnet.js';
import { unet, type DenoiserInputs, type UNetConfig } from '../diffusion/unet.js';

/** What an inverter's networks need to know of its configuration. */
export interface InverterNetwork {
  readonly unet: UNetConfig;
  readonly hintWidth: number;
  readonly pooled: boolean;
}

/**
 * The map as the hint encoder sees it, [N, C, h, w]: unpooled maps stay, pooled ones carry their mean
 * at every position (the paper's baseline).
 */
export function conditioningMap(features: Tensor, pooled: boolean): Tensor {
  return pooled ? broadcastTo(mean(features, [2, 3], true), features.shape) : features;
}

/** Noise predicted in latents [N, 4, h, w] under a feature map [N, C, H, W]; a zero map is the null hint. */
export function steeredNoise(
  base: Parameters,
  control: Parameters,
  network: InverterNetwork,
  inputs: DenoiserInputs,
  features: Tensor,
): Tensor {
  const hint = { width: network.hintWidth };
  const map = conditioningMap(features, network.pooled);
  return unet(base, network.unet, inputs, controlNet(control, network.unet, hint, inputs, map));
}

/** Steered noise without what is the same at every step: the hint, and the prompt's keys and values. */
export function splitStep(noise: Tensor): Hoisted {
  return hoist(noise, {
    steady: new Set(['features', 'context']),
    changing: new Set(['latents', 'timesteps']),
  });
}
