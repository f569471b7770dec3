/** Names of a ControlNet's tensors: diffusers' while traced, the original's (LDM) in released files. */
import type { NamedTensors } from '../checkpoints/named-tensors.js';
import type { UNetConfig } from './unet.js';

const PREFIX = 'control_model.';

const RESNET: readonly (readonly [string, string])[] = [
  ['norm1', 'in_layers.0'],
  ['conv1', 'in_layers.2'],
  ['time_emb_proj', 'emb_layers.1'],
  ['norm2', 'out_layers.0'],
  ['conv2', 'out_layers.3'],
  ['conv_shortcut', 'skip_connection'],
];

/** Pairs of name prefixes, diffusers' first; both end at a dot or name a whole module. */
function modulePairs(config: UNetConfig): [string, string][] {
  const pairs: [string, string][] = [
    ['time_embedding.linear_1', 'time_embed.0'],
    ['time_embedding.linear_2', 'time_embed.2'],
    ['conv_in', 'input_blocks.0.0'],
    ['input_hint_block', 'input_hint_block'],
    ['controlnet_mid_block', 'middle_block_out.0'],
  ];
  const resnet = (ours: string, theirs: string): void => {
    for (const [own, original] of RESNET) pairs.push([`${ours}.${own}`, `${theirs}.${original}`]);
  };
  let index = 1;
  config.channels.forEach((_, level) => {
    for (let i = 0; i < config.layersPerLevel; i++, index++) {
      resnet(`down_blocks.${level}.resnets.${i}`, `input_blocks.${index}.0`);
      if (config.attention[level]) {
        pairs.push([`down_blocks.${level}.attentions.${i}`, `input_blocks.${index}.1`]);
      }
    }
    if (level < config.channels.length - 1) {
      pairs.push([`down_blocks.${level}.downsamplers.0.conv`, `input_blocks.${index}.0.op`]);
      index++;
    }
  });
  resnet('mid_block.resnets.0', 'middle_block.0');
  pairs.push(['mid_block.attentions.0', 'middle_block.1']);
  resnet('mid_block.resnets.1', 'middle_block.2');
  for (let i = 0; i < index; i++) pairs.push([`controlnet_down_blocks.${i}`, `zero_convs.${i}.0`]);
  return pairs;
}

function rename(name: string, pairs: readonly (readonly [string, string])[]): string | undefined {
  const pair = pairs.find(([from]) => name.startsWith(`${from}.`));
  return pair && pair[1] + name.slice(pair[0].length);
}

/** The original's names, `control_model.input_blocks.0.0.weight` and so on. */
export function toOriginalKeys(config: UNetConfig, tensors: NamedTensors): NamedTensors {
  const pairs = modulePairs(config);
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const renamed = rename(name, pairs);
      if (renamed === undefined) throw new Error(`"${name}" belongs to no part of a ControlNet`);
      return [PREFIX + renamed, tensor];
    }),
  );
}

/** Diffusers' names again; the inverse of `toOriginalKeys`. Tensors of no ControlNet are left out. */
export function fromOriginalKeys(config: UNetConfig, tensors: NamedTensors): NamedTensors {
  const pairs = modulePairs(config).map(([ours, original]) => [original, ours] as const);
  const renamed: NamedTensors = new Map();
  for (const [name, tensor] of tensors) {
    const own = name.startsWith(PREFIX) ? rename(name.slice(PREFIX.length), pairs) : undefined;
    if (own !== undefined) renamed.set(own, tensor);
  }
  return renamed;
}

/** Translates one diffusers name to the original's; unknown names stay, and are then found missing. */
export function originalKey(config: UNetConfig): (name: string) => string {
  const pairs = modulePairs(config);
  return (name) => PREFIX + (rename(name, pairs) ?? name);
}
