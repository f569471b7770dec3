import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostTensor, NamedTensors } from '../../../src/checkpoints/named-tensors.js';
import { writeSafetensors } from '../../../src/checkpoints/safetensors.js';
import { openBaseModel, type BaseModelParts } from '../../../src/diffusion/base-model.js';
import { textEncoderShapes } from '../../../src/diffusion/expected-shapes.js';
import { averagedName, originalPrefixes } from '../../../src/diffusion/keys/original-prefixes.js';
import { imageSizeOf, openOriginal } from '../../../src/diffusion/open-original.js';
import { encodePrompts, type TextEncoderConfig } from '../../../src/diffusion/text/index.js';
import { readTensors } from '../../../src/diffusion/weights.js';
import { frozenParameters } from '../../../src/nn/index.js';
import { hashWeights } from '../../support/hash-weights.js';
import { hashedTensors, microModel } from './hashed-models.js';
import { originalCheckpoint } from './original-names.js';

const text: TextEncoderConfig = {
  vocabulary: 49_408,
  positions: 77,
  width: 12,
  layers: 1,
  heads: 2,
  innerWidth: 16,
};

let folder: string;
let written = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'featinv-original-'));
});

afterAll(() => rm(folder, { recursive: true }));

const scalar: HostTensor = { shape: [], data: Float32Array.of(1) };

async function open(
  tensors: NamedTensors,
  options: Parameters<typeof openOriginal>[3] = {},
): Promise<BaseModelParts> {
  const path = join(folder, `${written++}.safetensors`);
  await writeSafetensors(path, tensors);
  return openOriginal(path, microModel.config, text, options);
}

const renamed = (tensors: NamedTensors, rename: (name: string) => string): NamedTensors =>
  new Map([...tensors].map(([name, tensor]) => [rename(name), tensor]));

function expectMicro(parts: BaseModelParts): void {
  expect(readTensors(parts.unet())).toEqual(hashedTensors(microModel.unet));
  expect(readTensors(parts.autoencoder())).toEqual(hashedTensors(microModel.vae));
}

describe('an original checkpoint', () => {
  it('gives the weights under diffusers’ names, with what else it holds left out', async () => {
    const tensors = originalCheckpoint(microModel);
    for (const name of ['betas', 'alphas_cumprod', 'logvar', 'scale_factor', 'global_step']) {
      tensors.set(name, scalar);
    }
    expectMicro(await open(tensors));
  });

  it.each([
    ['model.diffusion_model.', 'diffusion_model.'],
    ['model.diffusion_model.', ''],
    ['first_stage_model.', ''],
  ])('may lack modules of a prefix: %s becomes "%s"', async (prefix, shorter) => {
    const tensors = originalCheckpoint(microModel);
    expectMicro(await open(renamed(tensors, (name) => name.replace(prefix, shorter))));
  });

  it('may hold averaged weights beside the plain ones, which are taken when asked for', async () => {
    const tensors = originalCheckpoint(microModel);
    for (const [name, { shape, data }] of [...tensors]) {
      if (!name.startsWith(originalPrefixes.unet)) continue;
      const averaged = averagedName(name.slice(originalPrefixes.unet.length));
      tensors.set(averaged, { shape, data: data.map((value) => value / 2) });
    }
    tensors.set('model_ema.decay', scalar);
    expectMicro(await open(tensors));
    const averaged = readTensors((await open(tensors, { averaged: true })).unet());
    for (const [name, { data }] of hashedTensors(microModel.unet)) {
      expect(averaged.get(name)!.data, name).toEqual(data.map((value) => value / 2));
    }
    await expect(open(originalCheckpoint(microModel), { averaged: true })).rejects.toThrow(
      'holds no averaged weights ("model_ema."); use the plain ones',
    );
  });

  it('encodes the two prompts with its text encoder, whose names may lack modules', async () => {
    const weights = hashWeights(textEncoderShapes(text));
    const prompts = ['', 'a high-quality, detailed, and professional image'];
    const [none, prompt] = await encodePrompts(frozenParameters(weights, ''), text, prompts);
    const position = 'cond_stage_model.transformer.text_model.embeddings.position_ids';
    for (const prefix of ['cond_stage_model.transformer.text_model.', 'transformer.']) {
      const tensors = originalCheckpoint(microModel);
      for (const [name, tensor] of weights) {
        tensors.set(name.replace('text_model.', prefix), tensor);
      }
      tensors.set(position, scalar);
      expect(await (await open(tensors)).contexts()).toEqual({ null: none, prompt });
    }
    const without = await open(originalCheckpoint(microModel));
    await expect(without.contexts()).rejects.toThrow(
      /does not hold the weights of its text encoder, 20 tensors are missing or misshapen/,
    );
  });

  it('is refused with all that is wrong in one sentence', async () => {
    const tensors = originalCheckpoint(microModel);
    const norm = 'model.diffusion_model.out.0.weight';
    tensors.delete('model.diffusion_model.time_embed.0.weight');
    tensors.set(norm, { shape: [9], data: new Float32Array(9) });
    const path = join(folder, `${written}.safetensors`);
    await expect(open(tensors)).rejects.toThrow(
      `${path} does not hold the weights of Stable Diffusion v1, 2 tensors are missing or misshapen: ` +
        '"model.diffusion_model.time_embed.0.weight" [32,8] is missing; ' +
        `"${norm}" is [9] instead of [8]`,
    );
    for (const name of [...tensors.keys()]) {
      if (name.startsWith('first_stage_model.decoder.')) tensors.delete(name);
    }
    await expect(open(tensors)).rejects.toThrow(/ \d+ tensors are missing.*; and \d+ more$/);
  });
});

describe('the size of a checkpoint’s images', () => {
  it.each([
    ['/models/miniSD.ckpt', 256],
    ['mini-sd-v1.safetensors', 256],
    ['/miniSD/sd-v1-4.ckpt', undefined],
  ])('%s: %s', (path, size) => expect(imageSizeOf(path)).toBe(size));
});

describe('openBaseModel', () => {
  it('takes a file for a checkpoint of Stable Diffusion v1', async () => {
    const path = join(folder, 'small.safetensors');
    await writeSafetensors(path, originalCheckpoint(microModel));
    await expect(openBaseModel(path)).rejects.toThrow(
      /small\.safetensors does not hold the weights of Stable Diffusion v1, 9\d\d tensors are/,
    );
  });
});
