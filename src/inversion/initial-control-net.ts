/** A ControlNet before training: copied from the base's encoder, or from another inverter. */
import { join } from 'node:path';
import { openSafetensors, readSafetensors } from '../checkpoints/safetensors.js';
import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { fromOriginalKeys } from '../diffusion/controlnet-keys.js';
import type { UNetConfig } from '../diffusion/unet.js';
import { inverterFiles } from './inverter-config.js';

/** Modules that a ControlNet copies from the UNet (diffusers' names). */
const COPIED = ['time_embedding.', 'conv_in.', 'down_blocks.', 'mid_block.'];

/** The copied part of a UNet's weights; the rest is initialised when the ControlNet is traced. */
export function initialControlNet(unetFile: string): NamedTensors {
  const file = openSafetensors(unetFile);
  const copied: NamedTensors = new Map();
  for (const [name, entry] of file.entries) {
    if (!COPIED.some((module) => name.startsWith(module))) continue;
    copied.set(name, { shape: entry.shape, data: file.read(name) });
  }
  return copied;
}

/** The part of a hint encoder that reads the map: it depends on the layer. */
const READS_MAP = 'input_hint_block.block.1.';

/**
 * Another inverter's ControlNet without the convolution that reads its map, in diffusers' names: a start
 * for another layer, which then has to learn only what its map means.
 */
export function trainedControlNet(inverter: string, unet: UNetConfig): NamedTensors {
  const stored = readSafetensors(join(inverter, inverterFiles.controlNet));
  const tensors = fromOriginalKeys(unet, stored);
  return new Map([...tensors].filter(([name]) => !name.startsWith(READS_MAP)));
}
