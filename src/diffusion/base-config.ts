/** What a base model consists of: its configuration (`base.json`) and its parts. */
import { join } from 'node:path';
import { z } from 'zod';
import type { CheckpointFile } from '../checkpoints/checkpoint-file.js';
import type { TextContexts } from './text-contexts.js';

const positive = z.number().int().min(1);

export const autoencoderSchema = z.strictObject({
  latentChannels: positive,
  channels: z.array(positive).min(1),
  layersPerLevel: z.array(z.number().int().min(0)).min(1),
  groups: positive,
  patchSize: positive,
  latentMean: z.array(z.number()),
  latentDeviation: z.array(z.number().positive()),
});

export const unetSchema = z.strictObject({
  latentChannels: positive,
  channels: z.array(positive).min(1),
  layersPerLevel: positive,
  attention: z.array(z.boolean()).min(1),
  heads: positive,
  groups: positive,
  contextLength: positive,
  contextWidth: positive,
});

export const baseModelSchema = z.strictObject({
  schemaVersion: z.literal(1),
  scale: z.enum(['tiny', 'sd1']),
  /** Side of the images in pixels. */
  imageSize: positive,
  autoencoder: autoencoderSchema,
  /** Absent while only the autoencoder is trained. */
  unet: unetSchema.optional(),
  schedule: z.strictObject({
    trainingSteps: positive,
    betaStart: z.number().positive(),
    betaEnd: z.number().positive(),
  }),
  /** How each part was trained: data, steps, seed, metrics. */
  training: z.record(z.string(), z.unknown()),
});

export type BaseModelConfig = z.infer<typeof baseModelSchema>;

/** That of a base model whose UNet is there. */
export type FullModelConfig = BaseModelConfig & { unet: NonNullable<BaseModelConfig['unet']> };

export const defaultSchedule = { trainingSteps: 1000, betaStart: 0.00085, betaEnd: 0.012 };

/** Where the parts of a base model lie in its folder, in diffusers' layout. */
export const baseModelFiles = {
  config: 'base.json',
  autoencoder: join('vae', 'diffusion_pytorch_model.safetensors'),
  unet: join('unet', 'diffusion_pytorch_model.safetensors'),
  textContexts: join('text_encoder', 'model.safetensors'),
} as const;

/** What the files of a released base model leave open. */
export interface BaseModelOptions {
  /** Side of the images in pixels; default: what the name, such as miniSD, or the files tell, or 512. */
  readonly imageSize?: number | undefined;
  /** Take the UNet's averaged weights (EMA) of an original checkpoint that holds both. Default false. */
  readonly averaged?: boolean | undefined;
}

/** A base model's configuration and weights, whatever the layout of its files. */
export interface BaseModelParts {
  readonly config: BaseModelConfig;
  /** Weights under diffusers' names. */
  autoencoder(): CheckpointFile;
  unet(): CheckpointFile;
  /** Whether it has a text encoder, or only two contexts in a file. */
  readonly encodesText: boolean;
  contexts(prompt?: string): Promise<TextContexts>;
}
