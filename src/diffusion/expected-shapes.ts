/** Names and shapes of the tensors that a model consists of, from tracing it without weights. */
import { input, type Shape } from '../graph/index.js';
import { recordShapes } from '../nn/index.js';
import { decode, encode, latentStride, type AutoencoderConfig } from './autoencoder.js';
import { controlNet, type HintConfig } from './controlnet.js';
import { encodeText, type TextEncoderConfig } from './text/index.js';
import { unet, type DenoiserInputs, type UNetConfig } from './unet.js';

/** Shapes by diffusers' names. */
export type ExpectedShapes = ReadonlyMap<string, Shape>;

export function unetShapes(config: UNetConfig): ExpectedShapes {
  return recordShapes((p) => unet(p, config, smallestInputs(config))).shapes;
}

export function autoencoderShapes(config: AutoencoderConfig): ExpectedShapes {
  const size = latentStride(config);
  return recordShapes((p) => {
    encode(p, config, input('images', [1, 3, size, size]));
    decode(p, config, input('latents', [1, config.latentChannels, 1, 1]));
  }).shapes;
}

/** `mapChannels` is the number of channels of the feature map. */
export function controlNetShapes(
  config: UNetConfig,
  hint: HintConfig,
  mapChannels: number,
): ExpectedShapes {
  const features = input('features', [1, mapChannels, 1, 1]);
  return recordShapes((p) => controlNet(p, config, hint, smallestInputs(config), features)).shapes;
}

export function textEncoderShapes(config: TextEncoderConfig): ExpectedShapes {
  const tokens = input('tokens', [1, config.positions], 'int64');
  return recordShapes((p) => encodeText(p, config, tokens)).shapes;
}

/** How many parameters there are in all. */
export function countParameters(shapes: ExpectedShapes): number {
  const sizes = [...shapes.values()].map((shape) => shape.reduce((a, b) => a * b, 1));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function smallestInputs(config: UNetConfig): DenoiserInputs {
  const side = 2 ** (config.channels.length - 1);
  return {
    latents: input('latents', [1, config.latentChannels, side, side]),
    timesteps: input('timesteps', [1]),
    context: input('context', [1, config.contextLength, config.contextWidth]),
  };
}
