import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { writeSafetensors } from '../../src/checkpoints/safetensors.js';
import { decode, encode } from '../../src/diffusion/autoencoder.js';
import {
  baseModelFiles,
  CONTEXTS,
  defaultSchedule,
  makeBaseModelFolders,
  openBaseModel,
  type BaseModelConfig,
} from '../../src/diffusion/base-model.js';
import { unet } from '../../src/diffusion/unet.js';
import { writeAtomic } from '../../src/files.js';
import { input } from '../../src/graph/index.js';
import { writePng } from '../../src/images/png.js';
import type { RgbImage } from '../../src/images/rgb-image.js';
import { freshControlNet } from '../../src/inversion/init-inverter.js';
import { writeInverter } from '../../src/inversion/write-inverter.js';
import { trainableParameters } from '../../src/nn/index.js';
import { Random } from '../../src/random.js';

export interface MicroModels {
  /** Holds everything; `remove` deletes it. */
  readonly directory: string;
  readonly base: string;
  /** Reads the last map of MobileNetV1, [256, 7, 7]; untrained, but its pictures depend on the map. */
  readonly inverter: string;
  /** Three 80 × 64 pictures, 0.png to 2.png. */
  readonly photographs: string;
  remove(): Promise<void>;
}

export const MICRO_MAP = [256, 7, 7] as const;

const autoencoder: BaseModelConfig['autoencoder'] = {
  latentChannels: 4,
  channels: [8, 8],
  layersPerLevel: [1, 1],
  groups: 4,
  patchSize: 4,
  latentMean: [0, 0, 0, 0],
  latentDeviation: [1, 1, 1, 1],
};

export const MICRO_DENOISER: NonNullable<BaseModelConfig['unet']> = {
  latentChannels: 4,
  channels: [8, 16],
  layersPerLevel: 1,
  attention: [false, true],
  heads: 2,
  groups: 4,
  contextLength: 2,
  contextWidth: 8,
};

const config: BaseModelConfig = {
  schemaVersion: 1,
  scale: 'tiny',
  imageSize: 64,
  autoencoder,
  unet: MICRO_DENOISER,
  schedule: defaultSchedule,
  training: {},
};

/** A base model and an inverter of a few thousand weights with random values, and pictures. */
export async function makeMicroModels(): Promise<MicroModels> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'featinv-micro-'));
  const base = path.join(directory, 'base');
  const inverter = path.join(directory, 'micro');
  const photographs = path.join(directory, 'photographs');
  await writeBase(base);
  await mkdir(inverter);
  await writeMicroInverter(base, inverter);
  await mkdir(photographs);
  for (const seed of [0, 1, 2]) {
    await writePng(path.join(photographs, `${seed}.png`), blobs(seed, 80, 64));
  }
  const remove = (): Promise<void> => rm(directory, { recursive: true });
  return { directory, base, inverter, photographs, remove };
}

/** A smooth picture, different for each seed. */
export function blobs(seed: number, width: number, height: number): RgbImage {
  const random = new Random(`blobs ${seed}`);
  const waves = Array.from({ length: 3 }, () => [
    random.normal(),
    random.normal(),
    random.normal(),
  ]);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      waves.forEach(([a, b, c], channel) => {
        const phase = a! * 4 + (b! * x) / 9 + (c! * y) / 7;
        data[(y * width + x) * 3 + channel] = 127.5 + 127 * Math.sin(phase);
      });
    }
  }
  return { width, height, data };
}

async function writeBase(directory: string): Promise<void> {
  await makeBaseModelFolders(directory);
  const vae = trainableParameters(new Map(), 1);
  encode(vae, autoencoder, input('images', [1, 3, 64, 64]));
  decode(vae, autoencoder, input('latents', [1, 4, 8, 8]));
  const weights = trainableParameters(new Map(), 2);
  unet(weights, MICRO_DENOISER, {
    latents: input('latents', [1, 4, 8, 8]),
    timesteps: input('timesteps', [1]),
    context: input('context', [1, 2, 8]),
  });
  const contexts = { shape: [2, 2, 8], data: new Random(3).fillNormal(new Float32Array(32)) };
  const write = (file: string, tensors: Parameters<typeof writeSafetensors>[1]): Promise<void> =>
    writeSafetensors(path.join(directory, file), tensors, { dtype: 'F16' });
  await write(baseModelFiles.autoencoder, vae.values);
  await write(baseModelFiles.unet, weights.values);
  await write(baseModelFiles.textContexts, new Map([[CONTEXTS, contexts]]));
  await writeAtomic(path.join(directory, baseModelFiles.config), JSON.stringify(config));
}

async function writeMicroInverter(baseDirectory: string, directory: string): Promise<void> {
  const base = await openBaseModel(baseDirectory);
  const network = { unet: MICRO_DENOISER, hintWidth: 8, pooled: false };
  const tensors = freshControlNet(base, network, MICRO_MAP, 4);
  // The hint and the convolutions back into the UNet start at zero; training moves them away.
  const random = new Random('zero convolutions');
  for (const [name, { data }] of tensors) {
    const isZero = data.every((value) => value === 0);
    if (isZero && name.endsWith('.weight')) random.fork(name).fillNormal(data);
  }
  const settings = {
    name: 'micro',
    description: 'a few thousand random weights',
    licence: 'none',
    backbone: 'mobilenet_v1_025',
    layer: 'Conv2d_13_pointwise',
    mapShape: MICRO_MAP,
    pooled: false,
    hintWidth: 8,
    sampling: { sampler: 'dpm++', steps: 3, eta: 0, guidance: 2, guidanceMode: 'joint' as const },
    training: {},
  };
  await writeInverter(directory, base, settings, tensors);
}
