import { describe, expect, it } from 'vitest';

import type { HostTensor } from '../../src/checkpoints/named-tensors.js';
import {
  fromOriginalKeys,
  originalKey,
  toOriginalKeys,
} from '../../src/diffusion/controlnet-keys.js';
import type { UNetConfig } from '../../src/diffusion/unet.js';

const sd1: UNetConfig = {
  latentChannels: 4,
  channels: [320, 640, 1280, 1280],
  layersPerLevel: 2,
  attention: [true, true, true, false],
  heads: 8,
  groups: 32,
  contextLength: 77,
  contextWidth: 768,
};

// Names of Stable Diffusion v1 in diffusers' layout and in the original's.
const known: [string, string][] = [
  ['time_embedding.linear_1.weight', 'time_embed.0.weight'],
  ['time_embedding.linear_2.bias', 'time_embed.2.bias'],
  ['conv_in.weight', 'input_blocks.0.0.weight'],
  ['down_blocks.0.resnets.0.norm1.weight', 'input_blocks.1.0.in_layers.0.weight'],
  ['down_blocks.0.resnets.1.conv2.bias', 'input_blocks.2.0.out_layers.3.bias'],
  ['down_blocks.0.downsamplers.0.conv.weight', 'input_blocks.3.0.op.weight'],
  ['down_blocks.1.resnets.0.conv_shortcut.weight', 'input_blocks.4.0.skip_connection.weight'],
  ['down_blocks.1.attentions.1.proj_in.weight', 'input_blocks.5.1.proj_in.weight'],
  ['down_blocks.3.resnets.1.time_emb_proj.weight', 'input_blocks.11.0.emb_layers.1.weight'],
  ['mid_block.resnets.0.conv1.weight', 'middle_block.0.in_layers.2.weight'],
  ['mid_block.attentions.0.norm.bias', 'middle_block.1.norm.bias'],
  ['mid_block.resnets.1.norm2.weight', 'middle_block.2.out_layers.0.weight'],
  ['controlnet_down_blocks.0.weight', 'zero_convs.0.0.weight'],
  ['controlnet_down_blocks.11.bias', 'zero_convs.11.0.bias'],
  ['controlnet_mid_block.weight', 'middle_block_out.0.weight'],
  ['input_hint_block.block.5.weight', 'input_hint_block.block.5.weight'],
];

describe('the names of a ControlNet’s tensors', () => {
  it.each(known)('%s is %s in the original layout', (ours, original) => {
    expect(originalKey(sd1)(ours)).toBe(`control_model.${original}`);
  });

  it('renames every tensor and keeps its values', () => {
    const tensor: HostTensor = { shape: [1], data: Float32Array.of(3) };
    const renamed = toOriginalKeys(sd1, new Map(known.map(([ours]) => [ours, tensor])));
    expect([...renamed.keys()]).toEqual(known.map(([, original]) => `control_model.${original}`));
    expect(new Set(renamed.values())).toEqual(new Set([tensor]));
  });

  it('finds the way back, and leaves out what is no part of a ControlNet', () => {
    const tensor: HostTensor = { shape: [1], data: Float32Array.of(3) };
    const ours = new Map(known.map(([name]) => [name, tensor]));
    const stored = toOriginalKeys(sd1, ours);
    stored.set('model.diffusion_model.out.0.weight', tensor);
    expect(fromOriginalKeys(sd1, stored)).toEqual(ours);
  });

  it('refuses a tensor that no ControlNet has', () => {
    const stray = new Map([
      ['up_blocks.0.resnets.0.norm1.weight', { shape: [1], data: new Float32Array(1) }],
    ]);
    expect(() => toOriginalKeys(sd1, stray)).toThrow('belongs to no part of a ControlNet');
  });

  it('knows twelve skips at the scale of Stable Diffusion v1, and no thirteenth', () => {
    expect(originalKey(sd1)('controlnet_down_blocks.12.weight')).toBe(
      'control_model.controlnet_down_blocks.12.weight',
    );
  });
});
