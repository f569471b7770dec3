/** The networks of reference/sd1/models.py: those of Stable Diffusion v1 and FeatInv, weights from their names. */
import type { NamedTensors } from '../../../src/checkpoints/named-tensors.js';
import type { FullModelConfig } from '../../../src/diffusion/base-model.js';
import {
  autoencoderShapes,
  controlNetShapes,
  unetShapes,
  type ExpectedShapes,
} from '../../../src/diffusion/expected-shapes.js';
import { stableDiffusion } from '../../../src/diffusion/stable-diffusion.js';
import { sizeOf, type Shape } from '../../../src/graph/index.js';
import { hashUniform, hashValues } from '../../support/hash-weights.js';

/** A network's shapes and what stands before its names when they are hashed. */
export interface HashedPart {
  readonly shapes: ExpectedShapes;
  readonly prefix: string;
}

export interface HashedModel {
  readonly config: FullModelConfig;
  readonly hintWidth: number;
  readonly mapShape: readonly [channels: number, height: number, width: number];
  readonly unet: HashedPart;
  readonly vae: HashedPart;
  readonly control: HashedPart;
}

function hashedModel(
  config: FullModelConfig,
  hintWidth: number,
  mapShape: HashedModel['mapShape'],
): HashedModel {
  const control = controlNetShapes(config.unet, { width: hintWidth }, mapShape[0]);
  return {
    config,
    hintWidth,
    mapShape,
    unet: { shapes: unetShapes(config.unet), prefix: 'unet.' },
    vae: { shapes: autoencoderShapes(config.autoencoder), prefix: 'vae.' },
    control: { shapes: control, prefix: 'control.' },
  };
}

const full = stableDiffusion(256);
const narrow = { channels: [32, 64, 64, 64], groups: 16 };

export const fullModel = hashedModel(full, 512, [1024, 9, 9]);

export const narrowModel = hashedModel(
  {
    ...full,
    imageSize: 128,
    autoencoder: { ...full.autoencoder, ...narrow },
    unet: { ...full.unet, ...narrow, contextWidth: 48 },
  },
  40,
  [24, 3, 3],
);

/** Small enough to be written many times; of no reference. */
export const microModel = hashedModel(
  {
    ...full,
    imageSize: 64,
    autoencoder: { ...full.autoencoder, channels: [8, 8], layersPerLevel: [1, 1], groups: 4 },
    unet: {
      ...full.unet,
      channels: [8, 16],
      layersPerLevel: 1,
      attention: [true, false],
      heads: 2,
      groups: 4,
      contextWidth: 12,
    },
  },
  6,
  [256, 7, 7],
);

/** Under diffusers' names. */
export function hashedTensors({ shapes, prefix }: HashedPart): NamedTensors {
  return new Map(
    [...shapes].map(([name, shape]) => [name, { shape, data: hashValues(prefix + name, shape) }]),
  );
}

/** An input of unit variance. */
export function unit(name: string, shape: Shape): Float32Array {
  return Float32Array.from(hashUniform(name, sizeOf(shape)), (u) => u * Math.sqrt(3));
}
