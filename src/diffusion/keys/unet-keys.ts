/** Names of the UNet's modules in diffusers and in the original checkpoints (LDM). */
import type { UNetConfig } from '../unet.js';
import { below, type ModulePair } from './module-pairs.js';

/** What the names depend on. */
export type UNetLevels = Pick<UNetConfig, 'channels' | 'layersPerLevel' | 'attention'>;

const RESNET: readonly ModulePair[] = [
  ['norm1', 'in_layers.0'],
  ['conv1', 'in_layers.2'],
  ['time_emb_proj', 'emb_layers.1'],
  ['norm2', 'out_layers.0'],
  ['conv2', 'out_layers.3'],
  ['conv_shortcut', 'skip_connection'],
];

/** Everything before the decoder, which a ControlNet has too. */
export function unetEncoderPairs(config: UNetLevels): ModulePair[] {
  const pairs: ModulePair[] = [
    ['time_embedding.linear_1', 'time_embed.0'],
    ['time_embedding.linear_2', 'time_embed.2'],
    ['conv_in', 'input_blocks.0.0'],
  ];
  let index = 1;
  config.channels.forEach((_, level) => {
    const block = `down_blocks.${level}`;
    for (let i = 0; i < config.layersPerLevel; i++, index++) {
      pairs.push(...below(`${block}.resnets.${i}`, `input_blocks.${index}.0`, RESNET));
      if (config.attention[level]) {
        pairs.push([`${block}.attentions.${i}`, `input_blocks.${index}.1`]);
      }
    }
    if (level < config.channels.length - 1) {
      pairs.push([`${block}.downsamplers.0.conv`, `input_blocks.${index}.0.op`]);
      index++;
    }
  });
  pairs.push(...below('mid_block.resnets.0', 'middle_block.0', RESNET));
  pairs.push(['mid_block.attentions.0', 'middle_block.1']);
  pairs.push(...below('mid_block.resnets.1', 'middle_block.2', RESNET));
  return pairs;
}

/** The whole UNet. An upsampler is the third part of its block, or the second where none attends. */
export function unetPairs(config: UNetLevels): ModulePair[] {
  const pairs = unetEncoderPairs(config);
  let index = 0;
  config.channels.forEach((_, i) => {
    const level = config.channels.length - 1 - i;
    const attends = config.attention[level]!;
    const block = `up_blocks.${i}`;
    for (let j = 0; j <= config.layersPerLevel; j++, index++) {
      pairs.push(...below(`${block}.resnets.${j}`, `output_blocks.${index}.0`, RESNET));
      if (attends) pairs.push([`${block}.attentions.${j}`, `output_blocks.${index}.1`]);
    }
    if (level > 0) {
      const original = `output_blocks.${index - 1}.${attends ? 2 : 1}.conv`;
      pairs.push([`${block}.upsamplers.0.conv`, original]);
    }
  });
  return [...pairs, ['conv_norm_out', 'out.0'], ['conv_out', 'out.2']];
}
