/** A ControlNet before training: the base's encoder copied, hint encoder and zero convolutions new. */
import { openSafetensors } from '../checkpoints/safetensors.js';
import type { NamedTensors } from '../checkpoints/named-tensors.js';

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
