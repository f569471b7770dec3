/** What an original checkpoint calls the tensors of a model and how it shapes them, for writing one. */
import { autoencoderPairs } from '../../../src/diffusion/keys/autoencoder-keys.js';
import { controlNetPairs } from '../../../src/diffusion/keys/controlnet-keys.js';
import { toOriginal } from '../../../src/diffusion/keys/module-pairs.js';
import { originalPrefixes } from '../../../src/diffusion/keys/original-prefixes.js';
import { unetPairs } from '../../../src/diffusion/keys/unet-keys.js';
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

/** The tensors of an original checkpoint that holds a ControlNet as well. */
export function originalCheckpoint(model: HashedModel): NamedTensors {
  return new Map(
    originalTensors(model).map(({ name, shape, hashed }) => [
      name,
      { shape, data: hashValues(hashed, shape) },
    ]),
  );
}
