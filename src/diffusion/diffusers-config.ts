/** The configuration files of a diffusers pipeline, as far as this UNet and autoencoder are theirs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { readConfig } from '../parse-config.js';
import { defaultSchedule, type BaseModelConfig, type FullModelConfig } from './base-config.js';
import { LATENT_SCALE, stableDiffusionUNet } from './stable-diffusion.js';
import type { TextEncoderConfig } from './text/index.js';

const positive = z.number().int().min(1);
const channels = z.array(positive).min(1);

/** A setting that other networks have other values of. */
const only = <const T extends string | number | boolean | null>(value: T) =>
  z.literal(value).nullish();

const unetFile = z.object({
  in_channels: positive,
  out_channels: positive,
  sample_size: positive.nullish(),
  block_out_channels: channels,
  layers_per_block: positive.default(2),
  down_block_types: z.array(z.enum(['CrossAttnDownBlock2D', 'DownBlock2D'])),
  up_block_types: z.array(z.enum(['CrossAttnUpBlock2D', 'UpBlock2D'])),
  /** The number of heads, in spite of its name. */
  attention_head_dim: positive.default(8),
  num_attention_heads: positive.nullish(),
  cross_attention_dim: positive,
  norm_num_groups: positive.default(32),
  act_fn: only('silu'),
  norm_eps: only(1e-5),
  flip_sin_to_cos: only(true),
  freq_shift: only(0),
  center_input_sample: only(false),
  downsample_padding: only(1),
  mid_block_scale_factor: only(1),
  mid_block_type: only('UNetMidBlock2DCrossAttn'),
  dual_cross_attention: only(false),
  only_cross_attention: only(false),
  resnet_time_scale_shift: only('default'),
  time_embedding_type: only('positional'),
  transformer_layers_per_block: only(1),
  class_embed_type: only(null),
  addition_embed_type: only(null),
});

const autoencoderFile = z.object({
  in_channels: only(3),
  out_channels: only(3),
  latent_channels: positive.default(4),
  block_out_channels: channels,
  layers_per_block: positive.default(1),
  norm_num_groups: positive.default(32),
  down_block_types: z.array(z.literal('DownEncoderBlock2D')),
  up_block_types: z.array(z.literal('UpDecoderBlock2D')),
  scaling_factor: z.number().positive().default(LATENT_SCALE),
  act_fn: only('silu'),
  shift_factor: only(null),
  latents_mean: only(null),
  mid_block_add_attention: only(true),
  use_quant_conv: only(true),
  use_post_quant_conv: only(true),
});

const schedulerFile = z.object({
  num_train_timesteps: positive.default(defaultSchedule.trainingSteps),
  beta_start: z.number().positive(),
  beta_end: z.number().positive(),
  beta_schedule: z.literal('scaled_linear'),
  prediction_type: only('epsilon'),
});

const textEncoderFile = z.object({
  vocab_size: positive,
  max_position_embeddings: positive,
  hidden_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  intermediate_size: positive,
  hidden_act: z.literal('quick_gelu'),
});

/** `sampleSize` is the side of the latents that the UNet was trained on, where it is told. */
export async function readDiffusersConfig(
  directory: string,
): Promise<Omit<FullModelConfig, 'imageSize'> & { sampleSize: number | undefined }> {
  const { unet, sampleSize } = await readUNet(join(directory, 'unet', 'config.json'));
  return {
    schemaVersion: 1,
    scale: 'sd1',
    autoencoder: await readAutoencoder(join(directory, 'vae', 'config.json')),
    unet,
    schedule: await readSchedule(join(directory, 'scheduler', 'scheduler_config.json')),
    training: {},
    sampleSize,
  };
}

async function readUNet(path: string) {
  const file = await readConfig(unetFile, path);
  const attention = file.down_block_types.map((type) => type === 'CrossAttnDownBlock2D');
  const upwards = file.up_block_types.map((type) => type === 'CrossAttnUpBlock2D').reverse();
  const levels = file.block_out_channels.length;
  if (attention.length !== levels || String(upwards) !== String(attention)) {
    throw new InputError(
      `${path}: "down_block_types" and "up_block_types" must mirror each other, one for each of the ` +
        `${levels} "block_out_channels"`,
    );
  }
  if (file.in_channels !== file.out_channels) {
    throw new InputError(
      `${path}: a UNet of ${file.in_channels} input and ${file.out_channels} output channels is not one ` +
        'that predicts noise in its own input; take a text-to-image model, not one for inpainting',
    );
  }
  const unet = {
    latentChannels: file.in_channels,
    channels: file.block_out_channels,
    layersPerLevel: file.layers_per_block,
    attention,
    heads: file.num_attention_heads ?? file.attention_head_dim,
    groups: file.norm_num_groups,
    contextLength: stableDiffusionUNet.contextLength,
    contextWidth: file.cross_attention_dim,
  };
  return { unet, sampleSize: file.sample_size ?? undefined };
}

async function readAutoencoder(path: string): Promise<BaseModelConfig['autoencoder']> {
  const file = await readConfig(autoencoderFile, path);
  const perChannel = (value: number): number[] =>
    Array.from({ length: file.latent_channels }, () => value);
  return {
    latentChannels: file.latent_channels,
    channels: file.block_out_channels,
    layersPerLevel: file.block_out_channels.map(() => file.layers_per_block),
    groups: file.norm_num_groups,
    patchSize: 1,
    latentMean: perChannel(0),
    latentDeviation: perChannel(1 / file.scaling_factor),
  };
}

async function readSchedule(path: string): Promise<BaseModelConfig['schedule']> {
  if (!existsSync(path)) return defaultSchedule;
  const file = await readConfig(schedulerFile, path);
  return {
    trainingSteps: file.num_train_timesteps,
    betaStart: file.beta_start,
    betaEnd: file.beta_end,
  };
}

export async function readTextEncoderConfig(path: string): Promise<TextEncoderConfig> {
  const file = await readConfig(textEncoderFile, path);
  return {
    vocabulary: file.vocab_size,
    positions: file.max_position_embeddings,
    width: file.hidden_size,
    layers: file.num_hidden_layers,
    heads: file.num_attention_heads,
    innerWidth: file.intermediate_size,
  };
}
