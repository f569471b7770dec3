import { describe, expect, it } from 'vitest';
import { outlineOf } from '../../src/backbones/expected-tensors.js';
import { timmCatalogue } from '../../src/backbones/index.js';
import { storedByTimmKey } from '../../src/backbones/timm-keys.js';

const keysOf = (name: string): string[] => {
  const { architecture, preprocessing } = timmCatalogue.get(name)!;
  return [...outlineOf(architecture.family, preprocessing.size).tensors.keys()];
};

describe('keys of checkpoints', () => {
  it("are timm's own, with or without a wrapper's prefix", () => {
    const keys = keysOf('resnet18.tv_in1k');
    const wrapped = keys.map((key) => `model.module.${key}`);
    expect(storedByTimmKey(keys)).toEqual(new Map(keys.map((key) => [key, key])));
    expect(storedByTimmKey(wrapped)).toEqual(new Map(keys.map((key, i) => [key, wrapped[i]!])));
  });

  it("may be those of Microsoft's Swin V2", () => {
    const found = storedByTimmKey([
      'patch_embed.norm.bias',
      'layers.0.blocks.1.attn.cpb_mlp.0.weight',
      'layers.0.downsample.reduction.weight',
      'layers.2.downsample.norm.bias',
      'layers.3.blocks.0.mlp.fc1.weight',
      'norm.weight',
      'head.weight',
    ]);
    expect(Object.fromEntries(found)).toEqual({
      'patch_embed.norm.bias': 'patch_embed.norm.bias',
      'layers.0.blocks.1.attn.cpb_mlp.0.weight': 'layers.0.blocks.1.attn.cpb_mlp.0.weight',
      'layers.1.downsample.reduction.weight': 'layers.0.downsample.reduction.weight',
      'layers.3.downsample.norm.bias': 'layers.2.downsample.norm.bias',
      'layers.3.blocks.0.mlp.fc1.weight': 'layers.3.blocks.0.mlp.fc1.weight',
      'norm.weight': 'norm.weight',
      'head.fc.weight': 'head.weight',
    });
    const keys = new Set(keysOf('swinv2_tiny_window8_256.ms_in1k'));
    for (const key of found.keys()) expect(keys, key).toContain(key);
  });

  it("may be those of Facebook's ConvNeXt", () => {
    const found = storedByTimmKey([
      'downsample_layers.0.0.weight',
      'downsample_layers.0.1.bias',
      'downsample_layers.3.1.weight',
      'stages.2.8.gamma',
      'stages.2.8.dwconv.weight',
      'stages.2.8.norm.bias',
      'stages.2.8.pwconv1.weight',
      'stages.2.8.pwconv2.bias',
      'norm.weight',
      'head.bias',
    ]);
    expect(Object.fromEntries(found)).toEqual({
      'stem.0.weight': 'downsample_layers.0.0.weight',
      'stem.1.bias': 'downsample_layers.0.1.bias',
      'stages.3.downsample.1.weight': 'downsample_layers.3.1.weight',
      'stages.2.blocks.8.gamma': 'stages.2.8.gamma',
      'stages.2.blocks.8.conv_dw.weight': 'stages.2.8.dwconv.weight',
      'stages.2.blocks.8.norm.bias': 'stages.2.8.norm.bias',
      'stages.2.blocks.8.mlp.fc1.weight': 'stages.2.8.pwconv1.weight',
      'stages.2.blocks.8.mlp.fc2.bias': 'stages.2.8.pwconv2.bias',
      'head.norm.weight': 'norm.weight',
      'head.fc.bias': 'head.bias',
    });
    const keys = new Set(keysOf('convnext_tiny.fb_in1k'));
    for (const key of found.keys()) expect(keys, key).toContain(key);
  });
});
