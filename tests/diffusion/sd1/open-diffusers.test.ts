import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../../src/checkpoints/safetensors.js';
import { openBaseModel, type BaseModel } from '../../../src/diffusion/base-model.js';
import { textEncoderShapes } from '../../../src/diffusion/expected-shapes.js';
import { olderAutoencoderName } from '../../../src/diffusion/keys/autoencoder-keys.js';
import { encodePrompts } from '../../../src/diffusion/text/index.js';
import { filesOf, readTensors } from '../../../src/diffusion/weights.js';
import { frozenParameters } from '../../../src/nn/index.js';
import { Session } from '../../../src/runtime/session.js';
import { decode } from '../../../src/diffusion/autoencoder.js';
import { input } from '../../../src/graph/index.js';
import { hashWeights } from '../../support/hash-weights.js';
import {
  autoencoderJson,
  schedulerJson,
  unetJson,
  writeDiffusersFolder,
  writeJson,
} from './diffusers-folder.js';
import { hashedTensors, microModel, unit } from './hashed-models.js';

const WEIGHTS = 'diffusion_pytorch_model.safetensors';

let folder: string;
let pipeline: string;
let copies = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'featinv-diffusers-'));
  pipeline = join(folder, 'pipeline');
  await writeDiffusersFolder(pipeline);
});

afterAll(() => rm(folder, { recursive: true }));

/** A copy of the pipeline to spoil. */
async function copy(): Promise<string> {
  const path = join(folder, `copy-${copies++}`);
  await cp(pipeline, path, { recursive: true });
  return path;
}

async function imagesOf(base: BaseModel): Promise<Float32Array> {
  const codes = input('codes', [1, 4, 4, 4]);
  const images = decode(base.autoencoder(), base.config.autoencoder, codes);
  const session = await Session.compile({ images });
  const result = await session.run({ codes: unit('codes', [1, 4, 4, 4]) });
  await session.dispose();
  return result.images;
}

describe('a diffusers pipeline', () => {
  it('gives configuration, weights and stored contexts', async () => {
    const base = await openBaseModel(pipeline);
    expect(base.config).toEqual(microModel.config);
    expect(base.schedule.trainingSteps).toBe(1000);
    expect(readTensors(base.unetWeights())).toEqual(hashedTensors(microModel.unet));
    const contexts = await base.contexts();
    expect([...contexts.null, ...contexts.prompt]).toEqual([...unit('contexts', [2, 77, 12])]);
    expect(await base.contexts()).toBe(contexts);
  });

  it('knows the size of its images from the option, its name or its configuration', async () => {
    const named = join(folder, 'miniSD-diffusers');
    await cp(pipeline, named, { recursive: true });
    const sizes = [
      await openBaseModel(named, { imageSize: 128 }),
      await openBaseModel(named),
      await openBaseModel(pipeline),
    ].map(({ config }) => config.imageSize);
    expect(sizes).toEqual([128, 256, 64]);
  });

  it('may store half precision, shards, and the autoencoder’s older names', async () => {
    const other = await copy();
    const unet = join(other, 'unet', WEIGHTS);
    const tensors = [...readSafetensors(unet)];
    const shards = [tensors.slice(0, 50), tensors.slice(50)];
    const map: Record<string, string> = {};
    for (const [i, shard] of shards.entries()) {
      const name = `diffusion_pytorch_model-0000${i + 1}-of-00002.safetensors`;
      await writeSafetensors(join(other, 'unet', name), new Map(shard));
      for (const [tensor] of shard) map[tensor] = name;
    }
    await rm(unet);
    await writeJson(`${unet}.index.json`, { metadata: {}, weight_map: map });

    const vae = join(other, 'vae', WEIGHTS);
    const older = [...readSafetensors(vae)].map(
      ([name, tensor]) => [olderAutoencoderName(name), tensor] as const,
    );
    await rm(vae);
    const half = join(other, 'vae', 'diffusion_pytorch_model.fp16.safetensors');
    await writeSafetensors(half, new Map(older), { dtype: 'F16' });

    const base = await openBaseModel(other);
    expect(readTensors(base.unetWeights())).toEqual(hashedTensors(microModel.unet));
    expect(filesOf(base.unetWeights())).toHaveLength(2);
    const [images, expected] = [
      await imagesOf(base),
      await imagesOf(await openBaseModel(pipeline)),
    ];
    expect(images.some((value, i) => value !== expected[i])).toBe(true);
    for (const [i, value] of images.entries()) expect(value).toBeCloseTo(expected[i]!, 1);
  });

  it('encodes the prompts where no contexts are stored', async () => {
    const other = await copy();
    const config = {
      vocabulary: 49_408,
      positions: 77,
      width: 12,
      layers: 1,
      heads: 2,
      innerWidth: 16,
    };
    const weights = hashWeights(textEncoderShapes(config));
    await rm(join(other, 'text_encoder', 'contexts.safetensors'));
    await writeJson(join(other, 'text_encoder', 'config.json'), {
      hidden_act: 'quick_gelu',
      hidden_size: 12,
      intermediate_size: 16,
      max_position_embeddings: 77,
      num_attention_heads: 2,
      num_hidden_layers: 1,
      vocab_size: 49_408,
    });
    const base = await openBaseModel(other);
    await expect(base.contexts()).rejects.toThrow(
      /lacks the weights of its text_encoder: none of model\.safetensors, .*pytorch_model\.bin/,
    );
    await writeSafetensors(join(other, 'text_encoder', 'model.safetensors'), weights);
    const prompts = ['', 'a high-quality, detailed, and professional image'];
    const [none, prompt] = await encodePrompts(frozenParameters(weights, ''), config, prompts);
    expect(await (await openBaseModel(other)).contexts()).toEqual({ null: none, prompt });
  });
});

describe('a pipeline of another model', () => {
  const spoilt: [string, string, object, RegExp][] = [
    ['unet', 'config.json', { ...unetJson, in_channels: 9 }, /not one for inpainting/],
    [
      'unet',
      'config.json',
      { ...unetJson, attention_head_dim: [1, 2] },
      /"attention_head_dim" must be a number/,
    ],
    [
      'unet',
      'config.json',
      { ...unetJson, up_block_types: ['CrossAttnUpBlock2D', 'UpBlock2D'] },
      /must mirror each other, one for each of the 2 "block_out_channels"/,
    ],
    [
      'unet',
      'config.json',
      { ...unetJson, class_embed_type: 'timestep' },
      /"class_embed_type" must be null/,
    ],
    [
      'vae',
      'config.json',
      { ...autoencoderJson, latent_channels: 16, shift_factor: 0.1 },
      /"shift_factor" must be null/,
    ],
    [
      'scheduler',
      'scheduler_config.json',
      { ...schedulerJson, prediction_type: 'v_prediction' },
      /"prediction_type" must be "epsilon"/,
    ],
    [
      'unet',
      'config.json',
      { ...unetJson, cross_attention_dim: 16 },
      /does not hold the weights of its configuration, 8 tensors are.*attn2\.to_k\.weight" is \[8,12\] instead of \[8,16\]/,
    ],
  ];

  it.each(spoilt)('is refused: %s/%s of %j', async (part, file, json, message) => {
    const other = await copy();
    await writeJson(join(other, part, file), json);
    await expect(openBaseModel(other)).rejects.toThrow(message);
  });

  it('is refused without weights, and where averaged ones are asked for', async () => {
    const other = await copy();
    await expect(openBaseModel(other, { averaged: true })).rejects.toThrow(
      /a diffusers folder has one UNet/,
    );
    await rename(join(other, 'vae', WEIGHTS), join(other, 'vae', 'other.safetensors'));
    await expect(openBaseModel(other)).rejects.toThrow(/lacks the weights of its vae: none of/);
  });
});
