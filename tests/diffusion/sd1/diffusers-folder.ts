/** A diffusers pipeline of the micro model, with the configuration files that diffusers writes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NamedTensors } from '../../../src/checkpoints/named-tensors.js';
import { writeSafetensors } from '../../../src/checkpoints/safetensors.js';
import { hashedTensors, microModel, unit } from './hashed-models.js';

export const unetJson = {
  _class_name: 'UNet2DConditionModel',
  _diffusers_version: '0.6.0',
  act_fn: 'silu',
  attention_head_dim: 2,
  block_out_channels: [8, 16],
  center_input_sample: false,
  cross_attention_dim: 12,
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
  downsample_padding: 1,
  flip_sin_to_cos: true,
  freq_shift: 0,
  in_channels: 4,
  layers_per_block: 1,
  mid_block_scale_factor: 1,
  norm_eps: 1e-5,
  norm_num_groups: 4,
  num_attention_heads: null,
  out_channels: 4,
  sample_size: 32,
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
};

export const autoencoderJson = {
  _class_name: 'AutoencoderKL',
  act_fn: 'silu',
  block_out_channels: [8, 8],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
  in_channels: 3,
  latent_channels: 4,
  layers_per_block: 1,
  norm_num_groups: 4,
  out_channels: 3,
  sample_size: 64,
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
};

export const schedulerJson = {
  _class_name: 'PNDMScheduler',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  steps_offset: 1,
};

const WEIGHTS = 'diffusion_pytorch_model.safetensors';

/** Writes a pipeline into a new folder. The text contexts are stored, so that it needs no text encoder. */
export async function writeDiffusersFolder(directory: string): Promise<void> {
  await writeJson(join(directory, 'model_index.json'), { _class_name: 'StableDiffusionPipeline' });
  await writeJson(join(directory, 'scheduler', 'scheduler_config.json'), schedulerJson);
  await writeJson(join(directory, 'unet', 'config.json'), unetJson);
  await writeJson(join(directory, 'vae', 'config.json'), autoencoderJson);
  await writeSafetensors(join(directory, 'unet', WEIGHTS), hashedTensors(microModel.unet));
  await writeSafetensors(join(directory, 'vae', WEIGHTS), hashedTensors(microModel.vae));
  const contexts: NamedTensors = new Map([
    ['contexts', { shape: [2, 77, 12], data: unit('contexts', [2, 77, 12]) }],
  ]);
  await mkdir(join(directory, 'text_encoder'));
  await writeSafetensors(join(directory, 'text_encoder', 'contexts.safetensors'), contexts);
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, JSON.stringify(value));
}
