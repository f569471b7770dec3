/** What an original checkpoint calls the tensors of a model and how it shapes them, for writing one. */
import { textEncoderShapes } from '../../../src/diffusion/expected-shapes.js';
import { autoencoderPairs } from '../../../src/diffusion/keys/autoencoder-keys.js';
import { controlNetPairs } from '../../../src/diffusion/keys/controlnet-keys.js';
import { toOriginal } from '../../../src/diffusion/keys/module-pairs.js';
import { originalPrefixes } from '../../../src/diffusion/keys/original-prefixes.js';
import { unetPairs } from '../../../src/diffusion/keys/unet-keys.js';
import { CLIP_VIT_L14 } from '../../../src/diffusion/text/index.js';
import type { NamedTensors } from '../../../src/checkpoints/named-tensors.js';
import type { Shape } from '../../../src/graph/index.js';
import { hashValues } from '../../support/hash-weights.js';
import type { HashedModel, HashedPart } from './hashed-models.js';

export interface OriginalTensor {
  readonly name: string;
  readonly shape: Shape;
  /** The name that its values are hashed from. */
  readonly hashed: string;
}

/** All tensors of UNet, autoencoder and ControlNet. */
export function originalTensors({ config, unet, vae, control }: HashedModel): OriginalTensor[] {
  const list = (part: HashedPart, pairs: Parameters<typeof toOriginal>[0], prefix: string) => {
    const translate = toOriginal(pairs);
    return [...part.shapes].map(([name, shape]) => {
      const kernel = part === vae && /attentions.*to_.*weight/.test(name) ? [1, 1] : [];
      return {
        name: prefix + translate(name)!,
        shape: [...shape, ...kernel],
        hashed: part.prefix + name,
      };
    });
  };
  return [
    ...list(unet, unetPairs(config.unet), originalPrefixes.unet),
    ...list(vae, autoencoderPairs(config.autoencoder), originalPrefixes.autoencoder),
    ...list(control, controlNetPairs(config.unet), originalPrefixes.controlNet),
  ];
}

/** All tensors of CLIP's text encoder. */
export function textEncoderTensors(): OriginalTensor[] {
  return [...textEncoderShapes(CLIP_VIT_L14)].map(([name, shape]) => ({
    name: originalPrefixes.textEncoder + name,
    shape,
    hashed: name,
  }));
}

/** The tensors of an original checkpoint that holds a ControlNet as well. */
export function originalCheckpoint(model: HashedModel): NamedTensors {
  return new Map(
    originalTensors(model).map(({ name, shape, hashed }) => [
      name,
      { shape, data: hashValues(hashed, shape) },
    ]),
  );
}
