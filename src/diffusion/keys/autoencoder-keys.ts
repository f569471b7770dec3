/** Names of the autoencoder's modules in diffusers and in the original checkpoints (LDM). */
import type { AutoencoderConfig } from '../autoencoder.js';
import { below, type ModulePair } from './module-pairs.js';

const RESNET: readonly ModulePair[] = [
  ['norm1', 'norm1'],
  ['conv1', 'conv1'],
  ['norm2', 'norm2'],
  ['conv2', 'conv2'],
  ['conv_shortcut', 'nin_shortcut'],
];

const MIDDLE: readonly ModulePair[] = [
  ...below('resnets.0', 'block_1', RESNET),
  ['attentions.0.group_norm', 'attn_1.norm'],
  ['attentions.0.to_q', 'attn_1.q'],
  ['attentions.0.to_k', 'attn_1.k'],
  ['attentions.0.to_v', 'attn_1.v'],
  ['attentions.0.to_out.0', 'attn_1.proj_out'],
  ...below('resnets.1', 'block_2', RESNET),
];

const ENDS: readonly ModulePair[] = [
  ['conv_in', 'conv_in'],
  ...below('mid_block', 'mid', MIDDLE),
  ['conv_norm_out', 'norm_out'],
  ['conv_out', 'conv_out'],
];

/** The original counts the decoder's levels from the finest, diffusers from the coarsest. */
export function autoencoderPairs(
  config: Pick<AutoencoderConfig, 'channels' | 'layersPerLevel'>,
): ModulePair[] {
  const pairs: ModulePair[] = [
    ...below('encoder', 'encoder', ENDS),
    ...below('decoder', 'decoder', ENDS),
    ['quant_conv', 'quant_conv'],
    ['post_quant_conv', 'post_quant_conv'],
  ];
  const last = config.channels.length - 1;
  config.layersPerLevel.forEach((layers, level) => {
    const down = [`encoder.down_blocks.${level}`, `encoder.down.${level}`] as const;
    const up = [`decoder.up_blocks.${last - level}`, `decoder.up.${level}`] as const;
    for (let i = 0; i <= layers; i++) {
      const resnets = ([own, theirs]: ModulePair): ModulePair[] =>
        below(`${own}.resnets.${i}`, `${theirs}.block.${i}`, RESNET);
      pairs.push(...resnets(up), ...(i < layers ? resnets(down) : []));
    }
    if (level < last) {
      pairs.push([`${down[0]}.downsamplers.0.conv`, `${down[1]}.downsample.conv`]);
    }
    if (level > 0) pairs.push([`${up[0]}.upsamplers.0.conv`, `${up[1]}.upsample.conv`]);
  });
  return pairs;
}

const OLDER_ATTENTION: Readonly<Record<string, string>> = {
  to_q: 'query',
  to_k: 'key',
  to_v: 'value',
  'to_out.0': 'proj_attn',
};

/** The name that diffusers gave a tensor before version 0.17. */
export function olderAutoencoderName(name: string): string {
  return name.replace(
    /(\.attentions\.0\.)(to_q|to_k|to_v|to_out\.0)\./,
    (_, module: string, layer: string) => `${module}${OLDER_ATTENTION[layer]}.`,
  );
}
