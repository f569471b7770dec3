/** An inverter before training: the base's encoder copied, zero convolutions that add nothing yet. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { findLayer, loadTraceableBackbone } from '../backbones/index.js';
import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { latentStride } from '../diffusion/autoencoder.js';
import {
  baseModelFiles,
  openBaseModel,
  unetConfigOf,
  type BaseModel,
} from '../diffusion/base-model.js';
import { InputError } from '../errors.js';
import { input } from '../graph/index.js';
import { trainableParameters } from '../nn/index.js';
import { initialControlNet } from './initial-control-net.js';
import { inverterFiles, type SamplingDefaults } from './inverter-config.js';
import { steeredNoise, type InverterNetwork } from './inverter-graph.js';
import { writeInverter, type InverterSettings } from './write-inverter.js';

export interface InitOptions {
  /** Folder of the base model. */
  readonly base: string;
  readonly backbone: string;
  /** Default: the backbone's own. */
  readonly layer?: string | undefined;
  readonly pooled: boolean;
  readonly hintWidth: number;
  /** Decides the hint encoder's starting weights. */
  readonly seed: number;
}

/** Until something better is measured: the paper's for Stable Diffusion, quick ones for tiny models. */
const SAMPLING: Readonly<Record<'tiny' | 'sd1', SamplingDefaults>> = {
  tiny: { sampler: 'dpm++', steps: 20, eta: 0, guidance: 2.5, guidanceMode: 'joint' },
  sd1: { sampler: 'ddim', steps: 50, eta: 0, guidance: 1.75, guidanceMode: 'text' },
};

/**
 * Writes an untrained inverter into a folder that exists. Throws InputError for a folder that already
 * holds one, an unknown backbone or layer, and a base model without a UNet.
 */
export async function initInverter(
  directory: string,
  options: InitOptions,
): Promise<InverterSettings> {
  if (existsSync(join(directory, inverterFiles.config))) {
    throw new InputError(`${directory} already holds an inverter; give a folder without one`);
  }
  const { pooled, hintWidth, seed } = options;
  const base = await openBaseModel(options.base);
  const backbone = await loadTraceableBackbone(options.backbone);
  const { name: layer, shape } = findLayer(backbone, options.layer ?? backbone.defaultLayer);
  const network = { unet: unetConfigOf(base), hintWidth, pooled };
  const settings: InverterSettings = {
    name: basename(resolve(directory)),
    description: `untrained: layer ${layer} of ${backbone.title}, ${pooled ? 'pooled' : 'unpooled'}`,
    licence: 'as the base model',
    backbone: backbone.id,
    layer,
    mapShape: shape,
    pooled,
    hintWidth,
    sampling: SAMPLING[base.config.scale],
    training: { step: 0, seed },
  };
  await writeInverter(directory, base, settings, freshControlNet(base, network, shape, seed));
  return settings;
}

/** The starting weights, diffusers' names: tracing the network initialises what the base lacks. */
export function freshControlNet(
  base: BaseModel,
  network: InverterNetwork,
  mapShape: readonly [number, number, number],
  seed: number,
): NamedTensors {
  const copied = initialControlNet(join(base.directory, baseModelFiles.unet));
  const parameters = trainableParameters(copied, seed);
  const { latentChannels, contextLength, contextWidth } = network.unet;
  const grid = base.config.imageSize / latentStride(base.config.autoencoder);
  const inputs = {
    latents: input('latents', [1, latentChannels, grid, grid]),
    timesteps: input('timesteps', [1]),
    context: input('context', [1, contextLength, contextWidth]),
  };
  steeredNoise(base.unet(), parameters, network, inputs, input('features', [1, ...mapShape]));
  return parameters.values;
}
