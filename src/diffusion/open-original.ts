/** One original checkpoint (LDM) of Stable Diffusion: autoencoder, UNet and text encoder in a file. */
import { basename } from 'node:path';
import type { CheckpointFile } from '../checkpoints/checkpoint-file.js';
import { openCheckpoint } from '../checkpoints/open-checkpoint.js';
import { InputError } from '../errors.js';
import type { BaseModelOptions, BaseModelParts, FullModelConfig } from './base-config.js';
import { autoencoderShapes, textEncoderShapes, unetShapes } from './expected-shapes.js';
import { autoencoderPairs } from './keys/autoencoder-keys.js';
import { toOriginal, type ModulePair } from './keys/module-pairs.js';
import { averagedName, originalPrefixes } from './keys/original-prefixes.js';
import { unetPairs } from './keys/unet-keys.js';
import { stableDiffusion } from './stable-diffusion.js';
import { encodeContexts } from './text-contexts.js';
import { CLIP_VIT_L14, type TextEncoderConfig } from './text/index.js';
import { checkedWeights, findWeights, refuseProblems, type Naming } from './weights.js';

/** Side of the images that a checkpoint of this name was trained on, in pixels. */
export function imageSizeOf(path: string): number | undefined {
  return /mini[-_ ]?sd/i.test(basename(path)) ? 256 : undefined;
}

const STABLE_DIFFUSION_SIZE = 512;

/** The sizes of Stable Diffusion v1, and of images of the size asked for, known or usual. */
export function openStableDiffusion(path: string, options: BaseModelOptions): BaseModelParts {
  const size = options.imageSize ?? imageSizeOf(path) ?? STABLE_DIFFUSION_SIZE;
  return openOriginal(path, stableDiffusion(size), CLIP_VIT_L14, options);
}

/**
 * A checkpoint in the original's names. Throws one InputError that lists what the autoencoder and the
 * UNet lack.
 */
export function openOriginal(
  path: string,
  config: FullModelConfig,
  textConfig: TextEncoderConfig,
  { averaged = false }: BaseModelOptions,
): BaseModelParts {
  const file = openCheckpoint(path);
  if (averaged && !hasAverages(file)) {
    throw new InputError(`${path} holds no averaged weights ("model_ema."); use the plain ones`);
  }
  const original = toOriginal(unetPairs(config.unet));
  const unet = findWeights({
    file,
    expected: unetShapes(config.unet),
    namings: averaged
      ? [(name) => averagedName(original(name) ?? name)]
      : namings(unetPairs(config.unet), originalPrefixes.unet),
  });
  const autoencoder = findWeights({
    file,
    expected: autoencoderShapes(config.autoencoder),
    namings: namings(autoencoderPairs(config.autoencoder), originalPrefixes.autoencoder),
  });
  refuseProblems(path, 'Stable Diffusion v1', [...unet.problems, ...autoencoder.problems]);
  const contexts = async (prompt?: string) => {
    const weights = checkedWeights('its text encoder', {
      file,
      expected: textEncoderShapes(textConfig),
      namings: textNamings,
    });
    return encodeContexts(weights, textConfig, prompt);
  };
  return {
    config,
    autoencoder: () => autoencoder.weights,
    unet: () => unet.weights,
    encodesText: true,
    contexts,
  };
}

const hasAverages = (file: CheckpointFile): boolean =>
  [...file.entries.keys()].some((name) => name.startsWith('model_ema.'));

const textNamings: readonly Naming[] = prefixes(originalPrefixes.textEncoder).flatMap((prefix) => [
  (name) => prefix + name,
  (name) => prefix + name.replace(/^text_model\./, ''),
]);

function namings(pairs: readonly ModulePair[], prefix: string): Naming[] {
  const original = toOriginal(pairs);
  return prefixes(prefix).map((start) => (name) => start + (original(name) ?? name));
}

/** A part may be saved with the whole model, with a part of it, or alone: the first modules go. */
function prefixes(full: string): string[] {
  const modules = full.split('.');
  return modules.map((_, skipped) => modules.slice(skipped).join('.'));
}
