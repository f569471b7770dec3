/** A latent diffusion model on disk: configuration, autoencoder, UNet and text contexts. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { openSafetensors, readSafetensors } from '../checkpoints/safetensors.js';
import { InputError } from '../errors.js';
import { readConfig } from '../parse-config.js';
import { mappedParameters, type Parameters } from '../nn/index.js';
import { scaledLinearSchedule, type Schedule } from './schedule.js';

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

export const defaultSchedule = { trainingSteps: 1000, betaStart: 0.00085, betaEnd: 0.012 };

/** Where the parts of a base model lie in its folder, in diffusers' layout. */
export const baseModelFiles = {
  config: 'base.json',
  autoencoder: join('vae', 'diffusion_pytorch_model.safetensors'),
  unet: join('unet', 'diffusion_pytorch_model.safetensors'),
  textContexts: join('text_encoder', 'model.safetensors'),
} as const;

/** Makes the folders of a base model's parts. */
export async function makeBaseModelFolders(directory: string): Promise<void> {
  const { autoencoder, unet, textContexts } = baseModelFiles;
  for (const file of [autoencoder, unet, textContexts]) {
    await mkdir(join(directory, dirname(file)), { recursive: true });
  }
}

/** The two text contexts that FeatInv needs, each [length · width]: the empty prompt and the prompt. */
export interface TextContexts {
  readonly null: Float32Array;
  readonly prompt: Float32Array;
}

/** Name of the tensor [2, length, width] that holds them, the empty prompt first. */
export const CONTEXTS = 'contexts';

export interface BaseModel {
  readonly directory: string;
  readonly config: BaseModelConfig;
  readonly schedule: Schedule;
  /** Fresh mapped weights for one trace. */
  autoencoder(): Parameters;
  unet(): Parameters;
  contexts(): TextContexts;
}

/** Opens a base model's folder. Weights are mapped when a session is compiled. */
export async function openBaseModel(directory: string): Promise<BaseModel> {
  const config = await readBaseConfig(directory);
  const part = (file: string): Parameters =>
    mappedParameters(openSafetensors(join(directory, file)));
  return {
    directory,
    config,
    schedule: scaledLinearSchedule(config.schedule),
    autoencoder: () => part(baseModelFiles.autoencoder),
    unet: () => part(baseModelFiles.unet),
    contexts: () => readContexts(join(directory, baseModelFiles.textContexts)),
  };
}

export async function readBaseConfig(directory: string): Promise<BaseModelConfig> {
  const path = join(directory, baseModelFiles.config);
  if (!existsSync(path)) {
    throw new InputError(`${directory} is no base model: it has no ${baseModelFiles.config}`);
  }
  return readConfig(baseModelSchema, path);
}

/** The UNet's sizes, or an error where the base has only an autoencoder. */
export function unetConfigOf(base: BaseModel): NonNullable<BaseModelConfig['unet']> {
  if (base.config.unet) return base.config.unet;
  throw new InputError(
    `${base.directory} has no UNet yet: train it with a "denoiser" configuration`,
  );
}

function readContexts(path: string): TextContexts {
  const tensor = readSafetensors(path).get(CONTEXTS);
  if (!tensor || tensor.shape[0] !== 2) {
    throw new InputError(`${path} lacks the tensor "${CONTEXTS}" of shape [2, length, width]`);
  }
  const size = tensor.data.length / 2;
  return { null: tensor.data.slice(0, size), prompt: tensor.data.slice(size) };
}
