/** An inverter before training: the base's encoder copied, zero convolutions that add nothing yet. */
import { existsSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import {
  findLayer,
  findWeights,
  loadTraceableBackbone,
  weightsOfReference,
} from '../backbones/index.js';
import { rememberedSha256 } from '../checkpoints/remembered-hash.js';
import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { latentStride } from '../diffusion/autoencoder.js';
import {
  openBaseModel,
  SAMPLING_PROMPT,
  unetConfigOf,
  type BaseModel,
  type BaseModelOptions,
} from '../diffusion/base-model.js';
import { openControlNet, type ControlNetFile } from '../diffusion/controlnet-file.js';
import { FEATINV_HINT_WIDTH } from '../diffusion/stable-diffusion.js';
import type { UNetConfig } from '../diffusion/unet.js';
import { readTensors } from '../diffusion/weights.js';
import { InputError } from '../errors.js';
import { input } from '../graph/index.js';
import { trainableParameters } from '../nn/index.js';
import { initialControlNet } from './initial-control-net.js';
import { inverterFiles, type SamplingDefaults } from './inverter-config.js';
import { steeredNoise, type InverterNetwork } from './inverter-graph.js';
import { writeInverter, type InverterSettings } from './write-inverter.js';

export interface InitOptions {
  /** Folder or checkpoint of the base model, and what its files leave open. */
  readonly base: string;
  readonly baseOptions?: BaseModelOptions;
  readonly backbone: string;
  /** Default: the backbone's own. */
  readonly layer?: string | undefined;
  readonly pooled: boolean;
  /** Channels of the hint encoder; default: the paper's for Stable Diffusion, fewer for tiny models. */
  readonly hintWidth?: number | undefined;
  /** A trained ControlNet to take instead of a fresh one, in the authors' names or diffusers'. */
  readonly controlNet?: string | undefined;
  /** Decides the hint encoder's starting weights. */
  readonly seed: number;
}

/** Until something better is measured: the paper's for Stable Diffusion, quick ones for tiny models. */
const SAMPLING: Readonly<Record<'tiny' | 'sd1', SamplingDefaults>> = {
  tiny: { sampler: 'ddim', steps: 10, eta: 0, guidance: 2.5, guidanceMode: 'joint' },
  sd1: {
    sampler: 'ddim',
    steps: 50,
    eta: 0,
    guidance: 1.75,
    guidanceMode: 'text',
  },
};

const HINT_WIDTH: Readonly<Record<'tiny' | 'sd1', number>> = { tiny: 96, sd1: FEATINV_HINT_WIDTH };

/**
 * Writes an inverter into a folder that exists: untrained, or around a trained ControlNet. Throws
 * InputError for a folder that already holds one, an unknown backbone or layer, a base model without a
 * UNet, and a ControlNet that fits neither.
 */
export async function initInverter(
  directory: string,
  options: InitOptions,
): Promise<InverterSettings> {
  if (existsSync(join(directory, inverterFiles.config))) {
    throw new InputError(`${directory} already holds an inverter; give a folder without one`);
  }
  const { pooled, seed } = options;
  const base = await openBaseModel(options.base, options.baseOptions);
  const backbone = await loadTraceableBackbone(options.backbone);
  const given = weightsOfReference(options.backbone);
  const { name: layer, shape } = findLayer(backbone, options.layer ?? backbone.defaultLayer);
  const unet = unetConfigOf(base);
  const trained =
    options.controlNet === undefined
      ? undefined
      : openFittingControlNet(options.controlNet, unet, shape, options.hintWidth);
  const hintWidth = trained?.hintWidth ?? options.hintWidth ?? HINT_WIDTH[base.config.scale];
  const network = { unet, hintWidth, pooled };
  const made = trained ? 'taken from a trained ControlNet' : 'untrained';
  const settings: InverterSettings = {
    name: basename(resolve(directory)),
    description: `${made}: layer ${layer} of ${backbone.title}, ${pooled ? 'pooled' : 'unpooled'}`,
    licence: 'as the base model',
    backbone: backbone.id,
    ...(given !== undefined && {
      backboneWeights: await weightsRecord(directory, backbone.id, given),
    }),
    layer,
    mapShape: shape,
    pooled,
    hintWidth,
    sampling: {
      ...SAMPLING[base.config.scale],
      ...(base.encodesText && { prompt: SAMPLING_PROMPT }),
    },
    training: trained ? { controlNet: options.controlNet } : { step: 0, seed },
  };
  const tensors = trained
    ? readTensors(trained.weights)
    : freshControlNet(base, network, shape, seed);
  await writeInverter(directory, base, settings, tensors);
  return settings;
}

async function weightsRecord(
  directory: string,
  backbone: string,
  given: string,
): Promise<{ path: string; sha256: string }> {
  const file = findWeights(backbone, given);
  const path = relative(resolve(directory), resolve(file)).split(sep).join('/');
  return { path, sha256: await rememberedSha256(file) };
}

function openFittingControlNet(
  path: string,
  unet: UNetConfig,
  [channels]: readonly [number, number, number],
  hintWidth: number | undefined,
): ControlNetFile {
  const file = openControlNet(path, unet);
  if (file.mapChannels !== channels) {
    throw new InputError(
      `${path} reads maps of ${file.mapChannels} channels, the layer's have ${channels}; give the backbone and ` +
        'layer that it was trained on',
    );
  }
  if (hintWidth !== undefined && hintWidth !== file.hintWidth) {
    throw new InputError(
      `${path} has a hint encoder of ${file.hintWidth} channels, not ${hintWidth}; leave the width out`,
    );
  }
  return file;
}

/** The starting weights, diffusers' names: tracing the network initialises what the base lacks. */
export function freshControlNet(
  base: BaseModel,
  network: InverterNetwork,
  mapShape: readonly [number, number, number],
  seed: number,
): NamedTensors {
  const copied = initialControlNet(base.unetWeights());
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
