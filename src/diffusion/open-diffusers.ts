/** A diffusers pipeline on disk: a folder with `model_index.json` and one folder for each part. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckpointFile } from '../checkpoints/checkpoint-file.js';
import { openCheckpoint } from '../checkpoints/open-checkpoint.js';
import { InputError } from '../errors.js';
import { latentStride } from './autoencoder.js';
import type { BaseModelOptions, BaseModelParts } from './base-config.js';
import { readDiffusersConfig, readTextEncoderConfig } from './diffusers-config.js';
import { autoencoderShapes, textEncoderShapes, unetShapes } from './expected-shapes.js';
import { olderAutoencoderName } from './keys/autoencoder-keys.js';
import { imageSizeOf } from './open-original.js';
import { encodeContexts, readContexts, type TextContexts } from './text-contexts.js';
import { checkedWeights, findWeights, refuseProblems, sameName } from './weights.js';

/** Its presence makes a folder a diffusers pipeline. */
export const PIPELINE_FILE = 'model_index.json';

/** A file of FeatInv's own: the two text contexts, so that no text encoder is needed. */
const STORED_CONTEXTS = join('text_encoder', 'contexts.safetensors');

/** Throws one InputError that lists what the autoencoder and the UNet lack. */
export async function openDiffusers(
  directory: string,
  options: BaseModelOptions,
): Promise<BaseModelParts> {
  if (options.averaged) {
    throw new InputError(
      `${directory}: averaged weights lie beside plain ones in original checkpoints only; a diffusers folder has one UNet`,
    );
  }
  const { sampleSize, ...read } = await readDiffusersConfig(directory);
  const trained = sampleSize && sampleSize * latentStride(read.autoencoder);
  const imageSize = options.imageSize ?? imageSizeOf(directory) ?? trained ?? 512;
  const unet = findWeights({
    file: openPart(directory, 'unet', 'diffusion_pytorch_model'),
    expected: unetShapes(read.unet),
    namings: [sameName],
  });
  const autoencoder = findWeights({
    file: openPart(directory, 'vae', 'diffusion_pytorch_model'),
    expected: autoencoderShapes(read.autoencoder),
    namings: [sameName, olderAutoencoderName],
  });
  refuseProblems(directory, 'its configuration', [...unet.problems, ...autoencoder.problems]);
  return {
    config: { ...read, imageSize },
    autoencoder: () => autoencoder.weights,
    unet: () => unet.weights,
    encodesText: !existsSync(join(directory, STORED_CONTEXTS)),
    contexts: (prompt) => contextsOf(directory, prompt),
  };
}

async function contextsOf(directory: string, prompt?: string): Promise<TextContexts> {
  const stored = join(directory, STORED_CONTEXTS);
  if (existsSync(stored)) return readContexts(stored, prompt);
  const config = await readTextEncoderConfig(join(directory, 'text_encoder', 'config.json'));
  const weights = checkedWeights('its text encoder', {
    file: openPart(directory, 'text_encoder', 'model'),
    expected: textEncoderShapes(config),
    namings: [sameName],
  });
  return encodeContexts(weights, config, prompt);
}

/** Single precision before half precision, safetensors before pickles. */
function openPart(directory: string, part: string, stem: string): CheckpointFile {
  const pickle = stem === 'model' ? 'pytorch_model' : stem;
  const names = [
    `${stem}.safetensors`,
    `${stem}.safetensors.index.json`,
    `${pickle}.bin`,
    `${pickle}.bin.index.json`,
    `${stem}.fp16.safetensors`,
    `${stem}.safetensors.index.fp16.json`,
    `${pickle}.fp16.bin`,
    `${pickle}.bin.index.fp16.json`,
  ];
  const paths = names.map((name) => join(directory, part, name));
  const path = paths.find((each) => existsSync(each));
  if (path !== undefined) return openCheckpoint(path);
  throw new InputError(
    `${directory} lacks the weights of its ${part}: none of ${names.join(', ')} is in ${join(directory, part)}`,
  );
}
