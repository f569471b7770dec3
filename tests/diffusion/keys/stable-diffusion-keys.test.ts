import { describe, expect, it } from 'vitest';
import {
  autoencoderShapes,
  controlNetShapes,
  countParameters,
  unetShapes,
  type ExpectedShapes,
} from '../../../src/diffusion/expected-shapes.js';
import {
  autoencoderPairs,
  olderAutoencoderName,
} from '../../../src/diffusion/keys/autoencoder-keys.js';
import { controlNetPairs } from '../../../src/diffusion/keys/controlnet-keys.js';
import { toOriginal, type ModulePair } from '../../../src/diffusion/keys/module-pairs.js';
import { averagedName, originalPrefixes } from '../../../src/diffusion/keys/original-prefixes.js';
import { unetPairs } from '../../../src/diffusion/keys/unet-keys.js';
import {
  stableDiffusionAutoencoder,
  stableDiffusionUNet,
} from '../../../src/diffusion/stable-diffusion.js';
import { readKeymap, type Part } from './keymap.js';

const hint = { width: 512 };
const rows = readKeymap();

const parts: Record<
  Exclude<Part, 'text_encoder'>,
  { pairs: readonly ModulePair[]; prefix: string; shapes: ExpectedShapes; count: number }
> = {
  unet: {
    pairs: unetPairs(stableDiffusionUNet),
    prefix: originalPrefixes.unet,
    shapes: unetShapes(stableDiffusionUNet),
    count: 686,
  },
  vae: {
    pairs: autoencoderPairs(stableDiffusionAutoencoder),
    prefix: originalPrefixes.autoencoder,
    shapes: autoencoderShapes(stableDiffusionAutoencoder),
    count: 248,
  },
  controlnet: {
    pairs: controlNetPairs(stableDiffusionUNet),
    prefix: originalPrefixes.controlNet,
    shapes: controlNetShapes(stableDiffusionUNet, hint, 1024),
    count: 330,
  },
};

describe.each(Object.entries(parts))('the %s of Stable Diffusion v1', (part, expected) => {
  const { pairs, prefix, shapes, count } = expected;
  const own = rows.filter((row) => row.part === part);

  it('has the tensors of the released checkpoints, no more and no fewer', () => {
    expect(own).toHaveLength(count);
    expect([...shapes.keys()].sort()).toEqual(own.map(({ name }) => name).sort());
    for (const { name, shape } of own) {
      // Attention of the original autoencoder is a 1×1 convolution.
      const linear = /attentions\.0\.to_.*weight/.test(name) && part === 'vae';
      expect(shapes.get(name), name).toEqual(linear ? shape.slice(0, 2) : shape);
    }
  });

  it('translates every name to that of the original checkpoint', () => {
    const translate = toOriginal(pairs);
    for (const { name, original } of own) expect(prefix + translate(name)).toBe(original);
  });

  it('knows names of no other part', () => {
    const translate = toOriginal(pairs);
    expect(translate('add_embedding.linear_1.weight')).toBeUndefined();
    expect(translate('time_embedding.linear_10.weight')).toBeUndefined();
  });
});

it('has the parameter counts of the released models', () => {
  expect(countParameters(parts.unet.shapes)).toBe(859_520_964);
  expect(countParameters(parts.vae.shapes)).toBe(83_653_863);
  expect(countParameters(parts.controlnet.shapes)).toBe(368_746_432);
  const wider = controlNetShapes(stableDiffusionUNet, hint, 2048);
  expect(countParameters(wider)).toBe(373_465_024);
});

it('finds the text encoder under its prefix alone', () => {
  const own = rows.filter(({ part }) => part === 'text_encoder');
  expect(own).toHaveLength(196);
  for (const { original, name } of own) expect(originalPrefixes.textEncoder + name).toBe(original);
});

it('knows the names of averaged copies and of older autoencoders', () => {
  expect(averagedName('input_blocks.0.0.weight')).toBe(
    'model_ema.diffusion_modelinput_blocks00weight',
  );
  const names = ['to_q', 'to_k', 'to_v', 'to_out.0'].map((layer) =>
    olderAutoencoderName(`encoder.mid_block.attentions.0.${layer}.weight`),
  );
  expect(names).toEqual(
    ['query', 'key', 'value', 'proj_attn'].map(
      (layer) => `encoder.mid_block.attentions.0.${layer}.weight`,
    ),
  );
  expect(olderAutoencoderName('encoder.mid_block.attentions.0.group_norm.weight')).toBe(
    'encoder.mid_block.attentions.0.group_norm.weight',
  );
});
