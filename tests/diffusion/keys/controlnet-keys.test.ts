import { describe, expect, it } from 'vitest';

import type { NamedTensors } from '../../../src/checkpoints/named-tensors.js';
import { toOriginalKeys } from '../../../src/diffusion/keys/controlnet-keys.js';
import { stableDiffusionUNet } from '../../../src/diffusion/stable-diffusion.js';
import { readKeymap } from './keymap.js';

const rows = readKeymap().filter(({ part }) => part === 'controlnet');

/** A tensor of one value for each name: the same names give the same values. */
const tensorsOf = (names: readonly string[]): NamedTensors =>
  new Map(names.map((name, i) => [name, { shape: [1], data: Float32Array.of(i) }]));

describe('the tensors of a ControlNet', () => {
  it('are renamed and keep their values', () => {
    const renamed = toOriginalKeys(stableDiffusionUNet, tensorsOf(rows.map(({ name }) => name)));
    expect(renamed).toEqual(tensorsOf(rows.map(({ original }) => original)));
  });

  it('are refused where no ControlNet has them', () => {
    for (const name of ['up_blocks.0.resnets.0.norm1.weight', 'controlnet_down_blocks.12.bias']) {
      expect(() => toOriginalKeys(stableDiffusionUNet, tensorsOf([name]))).toThrow(
        'belongs to no part of a ControlNet',
      );
    }
  });
});
