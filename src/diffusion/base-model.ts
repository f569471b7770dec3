/** A latent diffusion model on disk: configuration, autoencoder, UNet and text contexts. */
import { existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CheckpointFile } from '../checkpoints/checkpoint-file.js';
import { openSafetensors } from '../checkpoints/safetensors.js';
import { InputError } from '../errors.js';
import { mappedParameters, type Parameters } from '../nn/index.js';
import { readConfig } from '../parse-config.js';
import {
  baseModelFiles,
  baseModelSchema,
  type BaseModelConfig,
  type BaseModelOptions,
  type BaseModelParts,
  type FullModelConfig,
} from './base-config.js';
import { openDiffusers, PIPELINE_FILE } from './open-diffusers.js';
import { openStableDiffusion } from './open-original.js';
import { scaledLinearSchedule, type Schedule } from './schedule.js';
import { PROMPT, readContexts, type TextContexts } from './text-contexts.js';

export * from './base-config.js';
export { CONTEXTS, SAMPLING_PROMPT, type TextContexts } from './text-contexts.js';

/** Makes the folders of a base model's parts. */
export async function makeBaseModelFolders(directory: string): Promise<void> {
  const { autoencoder, unet, textContexts } = baseModelFiles;
  for (const file of [autoencoder, unet, textContexts]) {
    await mkdir(join(directory, dirname(file)), { recursive: true });
  }
}

export interface BaseModel {
  /** The folder or the checkpoint that was opened, and how. */
  readonly path: string;
  readonly options: BaseModelOptions;
  readonly config: BaseModelConfig;
  readonly schedule: Schedule;
  /** Fresh mapped weights for one trace. */
  autoencoder(): Parameters;
  unet(): Parameters;
  /** The UNet's weights under diffusers' names. */
  unetWeights(): CheckpointFile;
  /** Whether contexts of other prompts than the one of training can be had. */
  readonly encodesText: boolean;
  /** Of the empty prompt and of `prompt` (default: the one of training); read or encoded when first asked for. */
  contexts(prompt?: string): Promise<TextContexts>;
}

/**
 * Opens a base model: a folder of FeatInv (`base.json`), a diffusers pipeline (`model_index.json`) or
 * one original checkpoint of Stable Diffusion v1. Weights are mapped when a session is compiled.
 *
 * @example
 * const base = await openBaseModel('miniSD.ckpt');
 */
export async function openBaseModel(
  path: string,
  options: BaseModelOptions = {},
): Promise<BaseModel> {
  return baseModelOf(path, options, await openParts(path, options));
}

async function openParts(path: string, options: BaseModelOptions): Promise<BaseModelParts> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) {
    return openStableDiffusion(path, options);
  }
  if (existsSync(join(path, PIPELINE_FILE))) return openDiffusers(path, options);
  return openFolder(path, options);
}

/** What users of a base model see of its parts. */
export function baseModelOf(
  path: string,
  options: BaseModelOptions,
  parts: BaseModelParts,
): BaseModel {
  const contexts = new Map<string, Promise<TextContexts>>();
  return {
    path,
    options,
    config: parts.config,
    schedule: scaledLinearSchedule(parts.config.schedule),
    autoencoder: () => mappedParameters(parts.autoencoder()),
    unet: () => mappedParameters(parts.unet()),
    unetWeights: () => parts.unet(),
    encodesText: parts.encodesText,
    contexts: (prompt = PROMPT) => {
      const known = contexts.get(prompt) ?? parts.contexts(prompt);
      contexts.set(prompt, known);
      return known;
    },
  };
}

async function openFolder(directory: string, options: BaseModelOptions): Promise<BaseModelParts> {
  const config = await readBaseConfig(directory);
  if (options.averaged || (options.imageSize ?? config.imageSize) !== config.imageSize) {
    throw new InputError(
      `${join(directory, baseModelFiles.config)} settles the size of the images, ${config.imageSize}, and ` +
        'the weights: leave out options for other base models',
    );
  }
  const part = (file: string): CheckpointFile => openSafetensors(join(directory, file));
  return {
    config,
    autoencoder: () => part(baseModelFiles.autoencoder),
    unet: () => part(baseModelFiles.unet),
    encodesText: false,
    contexts: async (prompt) => readContexts(join(directory, baseModelFiles.textContexts), prompt),
  };
}

export async function readBaseConfig(directory: string): Promise<BaseModelConfig> {
  const path = join(directory, baseModelFiles.config);
  if (!existsSync(path)) {
    throw new InputError(
      `${directory} is no base model: it has no ${baseModelFiles.config} and no ${PIPELINE_FILE}, and is no ` +
        'checkpoint of Stable Diffusion v1',
    );
  }
  return readConfig(baseModelSchema, path);
}

/** The UNet's sizes, or an error where the base has only an autoencoder. */
export function unetConfigOf(base: BaseModel): FullModelConfig['unet'] {
  if (base.config.unet) return base.config.unet;
  throw new InputError(`${base.path} has no UNet yet: train it with a "denoiser" configuration`);
}
