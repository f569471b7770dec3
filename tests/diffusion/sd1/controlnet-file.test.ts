import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  openSafetensors,
  readSafetensors,
  writeSafetensors,
} from '../../../src/checkpoints/safetensors.js';
import { exportControlNet, openControlNet } from '../../../src/diffusion/controlnet-file.js';
import { readTensors } from '../../../src/diffusion/weights.js';
import { hashedTensors, microModel } from './hashed-models.js';
import { originalCheckpoint } from './original-names.js';

const { unet } = microModel.config;
const tensors = hashedTensors(microModel.control);

let folder: string;
const at = (name: string): string => join(folder, `${name}.safetensors`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'featinv-controlnet-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('a ControlNet’s file', () => {
  it.each(['original', 'diffusers'] as const)(
    'is written and read in the %s layout',
    async (layout) => {
      const path = at(layout);
      await exportControlNet(path, tensors, unet, { layout });
      const { weights, hintWidth, mapChannels } = openControlNet(path, unet);
      expect(readTensors(weights)).toEqual(tensors);
      expect([hintWidth, mapChannels]).toEqual([6, 256]);
      const names = [...readSafetensors(path).keys()];
      const [prefix, name] =
        layout === 'original'
          ? ['control_model.', 'control_model.zero_convs.0.0.weight']
          : ['', 'controlnet_down_blocks.0.weight'];
      expect(names.every((each) => each.startsWith(prefix))).toBe(true);
      expect(names).toContain(name);
    },
  );

  it('may store half precision', async () => {
    await exportControlNet(at('half'), tensors, unet, { layout: 'original', dtype: 'F16' });
    const dtypes = [...openSafetensors(at('half')).entries.values()].map(({ dtype }) => dtype);
    expect(new Set(dtypes)).toEqual(new Set(['F16']));
    const { weights } = openControlNet(at('half'), unet);
    for (const [name, { data }] of readTensors(weights)) {
      const expected = tensors.get(name)!.data;
      data.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 2));
    }
  });

  it('may lack the prefix, or hold the base model as well', async () => {
    const whole = originalCheckpoint(microModel);
    await writeSafetensors(at('whole'), whole);
    expect(readTensors(openControlNet(at('whole'), unet).weights)).toEqual(tensors);
    const bare = [...whole].flatMap(([name, tensor]) => {
      const [, own] = name.split('control_model.');
      return own === undefined ? [] : [[own, tensor] as const];
    });
    await writeSafetensors(at('bare'), new Map(bare));
    expect(readTensors(openControlNet(at('bare'), unet).weights)).toEqual(tensors);
  });

  it('is refused where it is another network, or lacks a part', async () => {
    await writeSafetensors(at('base'), hashedTensors(microModel.unet));
    expect(() => openControlNet(at('base'), unet)).toThrow(
      /base\.safetensors holds no FeatInv ControlNet: it has no tensor/,
    );
    const flat = new Map(tensors).set('input_hint_block.block.1.weight', {
      shape: [6, 256],
      data: new Float32Array(6 * 256),
    });
    await writeSafetensors(at('flat'), flat);
    expect(() => openControlNet(at('flat'), unet)).toThrow(
      'is [6,256] instead of [width, channels, 3, 3]',
    );
    const less = new Map(tensors);
    less.delete('controlnet_mid_block.bias');
    await writeSafetensors(at('less'), less);
    expect(() => openControlNet(at('less'), unet)).toThrow(
      'does not hold the weights of a FeatInv ControlNet of this UNet, 1 tensor is missing or misshapen: ' +
        '"controlnet_mid_block.bias" [16] is missing',
    );
  });
});
