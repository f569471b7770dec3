/** A ControlNet before training: copied from the base's encoder, or from another inverter. */
import { join, resolve } from 'node:path';
import type { CheckpointFile } from '../checkpoints/checkpoint-file.js';
import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { openControlNet } from '../diffusion/controlnet-file.js';
import type { UNetConfig } from '../diffusion/unet.js';
import { readTensors } from '../diffusion/weights.js';
import { inverterFiles, readInverterConfig } from './inverter-config.js';

/** Modules that a ControlNet copies from the UNet (diffusers' names). */
const COPIED = ['time_embedding.', 'conv_in.', 'down_blocks.', 'mid_block.'];

/** The copied part of a UNet's weights; the rest is initialised when the ControlNet is traced. */
export function initialControlNet(unet: CheckpointFile): NamedTensors {
  const copied: NamedTensors = new Map();
  for (const [name, { shape }] of unet.entries) {
    if (!COPIED.some((module) => name.startsWith(module))) continue;
    copied.set(name, { shape, data: unet.read(name) });
  }
  return copied;
}

/** The part of a hint encoder that reads the map: it depends on the layer. */
const READS_MAP = 'input_hint_block.block.1.';

/** The layer to train for, and what its channels are multiplied with before the hint encoder. */
export interface StartingLayer {
  readonly backbone: string;
  readonly layer: string;
  readonly scale: Float32Array;
}

/**
 * Another inverter's ControlNet, in diffusers' names. For another layer it lacks the convolution that
 * reads the map: the start then has to learn only what its map means.
 */
export async function trainedControlNet(
  inverter: string,
  unet: UNetConfig,
  { backbone, layer, scale }: StartingLayer,
): Promise<NamedTensors> {
  const config = await readInverterConfig(inverter);
  const { weights } = openControlNet(join(inverter, inverterFiles.controlNet), unet);
  const tensors = readTensors(weights);
  if (config.backbone === backbone && config.layer === layer) {
    return scaledMapWeight(
      tensors,
      scale.map((value) => 1 / value),
    );
  }
  return new Map([...tensors].filter(([name]) => !name.startsWith(READS_MAP)));
}

/** Tensors whose map-reading convolution has each input channel's weights multiplied by its scale. */
export function scaledMapWeight(tensors: NamedTensors, scale: Float32Array): NamedTensors {
  const name = `${READS_MAP}weight`;
  const { shape, data } = tensors.get(name)!;
  const [, channels, height, width] = shape as [number, number, number, number];
  const scaled = data.map(
    (value, i) => value * scale[Math.floor(i / (height * width)) % channels]!,
  );
  return new Map(tensors).set(name, { shape, data: scaled });
}

/**
 * The fields of a training configuration that an inverter's folder settles: it is trained on, whether it has
 * been trained or comes from `featinv init`.
 */
export async function startingSettings(inverter: string): Promise<Record<string, unknown>> {
  const { backbone, layer, pooled, hintWidth, base } = await readInverterConfig(inverter);
  const { averaged, imageSize } = base;
  return {
    base: resolve(inverter, base.path),
    baseOptions: {
      ...(averaged !== undefined && { averaged }),
      ...(imageSize !== undefined && { imageSize }),
    },
    ...{ backbone, layer, pooled, hintWidth },
    startFrom: inverter,
  };
}
