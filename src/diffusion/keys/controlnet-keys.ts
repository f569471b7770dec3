/** Names of a ControlNet's tensors: diffusers' while traced, the original's (LDM) in released files. */
import type { NamedTensors } from '../../checkpoints/named-tensors.js';
import { toOriginal, type ModulePair } from './module-pairs.js';
import { originalPrefixes } from './original-prefixes.js';
import { unetEncoderPairs, type UNetLevels } from './unet-keys.js';

/** A copy of the UNet's encoder, FeatInv's hint encoder and a convolution for each residual. */
export function controlNetPairs(config: UNetLevels): ModulePair[] {
  const levels = config.channels.length;
  const skips = levels * (config.layersPerLevel + 1);
  return [
    ...unetEncoderPairs(config),
    ['input_hint_block', 'input_hint_block'],
    ...Array.from({ length: skips }, (_, i): ModulePair => [
      `controlnet_down_blocks.${i}`,
      `zero_convs.${i}.0`,
    ]),
    ['controlnet_mid_block', 'middle_block_out.0'],
  ];
}

/** The original's names, `control_model.input_blocks.0.0.weight` and so on. */
export function toOriginalKeys(config: UNetLevels, tensors: NamedTensors): NamedTensors {
  const translate = toOriginal(controlNetPairs(config));
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const renamed = translate(name);
      if (renamed === undefined) throw new Error(`"${name}" belongs to no part of a ControlNet`);
      return [originalPrefixes.controlNet + renamed, tensor];
    }),
  );
}
