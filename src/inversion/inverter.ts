/** An inverter as its users see it: features of a picture, pictures of features. */
import { join, resolve } from 'node:path';
import type { Backbone } from '../backbones/index.js';
import { checkSha256 } from '../checkpoints/check-sha256.js';
import { openBaseModel, unetConfigOf, type BaseModel } from '../diffusion/base-model.js';
import {
  exportControlNet,
  openControlNet,
  type ControlNetFile,
  type ExportOptions,
} from '../diffusion/controlnet-file.js';
import { filesOf, readTensors } from '../diffusion/weights.js';
import { InputError } from '../errors.js';
import { show } from '../graph/index.js';
import { readImage } from '../images/read-image.js';
import { centreSquare } from '../images/resize.js';
import type { RgbImage } from '../images/rgb-image.js';
import { mappedParameters } from '../nn/index.js';
import type { MemoryMode } from '../runtime/memory-mode.js';
import { largestNeed, sumNeeds, type MemoryNeed } from '../runtime/memory-need.js';
import type { SessionOptions } from '../runtime/session.js';
import { FeatureExtractor, type Features } from './feature-extractor.js';
import { findInverter } from './inverter-catalogue.js';
import {
  backboneReference,
  inverterFiles,
  readInverterConfig,
  type InverterConfig,
} from './inverter-config.js';
import type { SamplingDefaults } from './inverter-config.js';
import { InverterSampler, type OnStep } from './inverter-sampler.js';
import { batchToImages, toBatch } from './planar.js';
import { withMemoryMode } from './with-memory-mode.js';

/** One feature map, [C, H, W] row-major. */
export interface FeatureMap {
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly data: Float32Array;
}

export interface ReconstructOptions extends Partial<SamplingDefaults> {
  /** Pictures to sample; sample k starts from the noise of seed + k. Default 1. */
  readonly samples?: number;
  /** Default 100, the authors' choice. */
  readonly seed?: number;
  readonly onStep?: OnStep;
}

/** A sampled picture and the seed that makes it again. */
export interface Reconstruction {
  readonly image: RgbImage;
  readonly seed: number;
}

/** The authors' seed of every picture. */
export const DEFAULT_SEED = 100;
const SEEDS = 2 ** 32;

/** `count` seeds from `first` on, which begin again at 0 after the last one. */
export const seedRange = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => (first + k) % SEEDS);

/**
 * Loads an inverter by the name of a shipped model or by its folder.
 *
 * @example
 * const inverter = await loadInverter();
 * const features = await inverter.features('cat.jpg');
 * const [sample] = await inverter.reconstruct(features, { seed: 7 });
 */
export async function loadInverter(
  nameOrDirectory?: string,
  given: SessionOptions = {},
): Promise<Inverter> {
  const directory = await findInverter(nameOrDirectory);
  const config = await readInverterConfig(directory);
  const { path, averaged, imageSize } = config.base;
  const base = await openBaseModel(resolve(directory, path), { averaged, imageSize });
  await checkWeights(directory, config, base);
  const options = withMemoryMode(given, base.config);
  const extractor = await FeatureExtractor.open(
    await backboneReference(directory, config),
    config.layer,
    base.config.imageSize,
    options,
  );
  if (extractor.mapShape.some((size, axis) => size !== config.mapShape[axis])) {
    throw new InputError(
      `${join(directory, inverterFiles.config)}: layer ${config.layer} of ${config.backbone} has maps of shape ` +
        `${show(extractor.mapShape)}, the inverter was trained on ${show(config.mapShape)}`,
    );
  }
  return new Inverter(directory, config, base, extractor, options);
}

/** The weights are those that `featinv.json` was written for. */
async function checkWeights(
  directory: string,
  config: InverterConfig,
  base: BaseModel,
): Promise<void> {
  const controlNet = join(directory, inverterFiles.controlNet);
  await checkSha256(controlNet, config.controlNet.sha256, `get a whole copy of ${config.name}`);
  const unet = filesOf(base.unetWeights());
  await checkSha256(unet, config.base.sha256, `${config.name} was trained on another base model`);
}

export class Inverter {
  private readonly sampler: InverterSampler;

  constructor(
    readonly directory: string,
    readonly config: InverterConfig,
    readonly base: BaseModel,
    private readonly extractor: FeatureExtractor,
    private readonly options: SessionOptions = {},
  ) {
    const unet = unetConfigOf(base);
    const { weights } = this.openControlNet();
    this.sampler = new InverterSampler(
      {
        base,
        network: { unet, hintWidth: config.hintWidth, pooled: config.pooled },
        mapShape: config.mapShape,
        control: () => mappedParameters(weights),
      },
      options,
    );
  }

  get backbone(): Backbone {
    return this.extractor.backbone;
  }

  /** Side of the pictures in pixels. */
  get imageSize(): number {
    return this.base.config.imageSize;
  }

  /** What its sessions spend memory on. */
  get memory(): MemoryMode {
    return this.options.memory ?? 'fast';
  }

  /** Memory of looking at and sampling `samples` pictures at once, beside what the process has already. */
  memoryNeed(samples: number, sampling: Partial<SamplingDefaults> = {}): MemoryNeed {
    const { guidanceMode: mode, guidance: scale, precision } = this.sampling(sampling);
    const needs = [
      this.extractor.memoryNeed(samples),
      this.sampler.memoryNeed(samples, { mode, scale }, precision),
    ];
    return this.memory === 'low' ? largestNeed(needs) : sumNeeds(needs);
  }

  /** The middle square of a picture at the model's size: what the classifier is shown. */
  async prepare(picture: string | RgbImage): Promise<RgbImage> {
    const image = typeof picture === 'string' ? await readImage(picture) : picture;
    return centreSquare(image, this.imageSize);
  }

  /** The feature map of a picture (a path or pixels) at the inverter's layer. */
  async features(picture: string | RgbImage): Promise<FeatureMap> {
    const { maps } = await this.look([await this.prepare(picture)]);
    return { shape: this.config.mapShape, data: maps };
  }

  /** Maps and logits of prepared pictures. */
  async look(images: readonly RgbImage[]): Promise<Features> {
    if (this.memory === 'low') await this.sampler.dispose();
    return this.extractor.run(toBatch(images));
  }

  /** Samples pictures whose own features align with a map. Unset options are the model's defaults. */
  async reconstruct(map: FeatureMap, options: ReconstructOptions = {}): Promise<Reconstruction[]> {
    const { samples = 1, seed = DEFAULT_SEED, onStep, ...sampling } = options;
    this.checkMap(map);
    const seeds = seedRange(seed, samples);
    const maps = seeds.map(() => map.data);
    const images = await this.sample(maps, seeds, sampling, onStep);
    return images.map((image, k) => ({ image, seed: seeds[k]! }));
  }

  /** One picture for each map; `seeds[i]` alone decides the noise of picture i. */
  async sample(
    maps: readonly Float32Array[],
    seeds: readonly number[],
    sampling: Partial<SamplingDefaults> = {},
    onStep?: OnStep,
  ): Promise<RgbImage[]> {
    const joined = new Float32Array(maps.length * this.extractor.mapSize);
    maps.forEach((map, i) => joined.set(map, i * this.extractor.mapSize));
    const planar = await this.sampler.sample(joined, seeds, this.sampling(sampling), onStep);
    return batchToImages(planar, this.imageSize);
  }

  /** Pictures of `count` latents, such as `StepInfo.clean` while sampling is on its way. */
  async decode(latents: Float32Array, count: number): Promise<RgbImage[]> {
    return batchToImages(await this.sampler.decode(latents, count), this.imageSize);
  }

  /** The autoencoder's copy of each prepared picture: no reconstruction can be sharper. */
  async roundTrip(images: readonly RgbImage[]): Promise<RgbImage[]> {
    return batchToImages(await this.sampler.roundTrip(toBatch(images)), this.imageSize);
  }

  /** The model's sampling defaults with the given options in their place. */
  sampling(options: Partial<SamplingDefaults> = {}): SamplingDefaults {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    return { ...this.config.sampling, ...Object.fromEntries(given) };
  }

  /** Map number `index` of a batch. */
  mapAt(maps: Float32Array, index: number): Float32Array {
    return this.extractor.mapAt(maps, index);
  }

  /** Writes the ControlNet alone, for other programs. */
  async exportControlNet(path: string, options: ExportOptions): Promise<void> {
    const tensors = readTensors(this.openControlNet().weights);
    await exportControlNet(path, tensors, unetConfigOf(this.base), options);
  }

  async dispose(): Promise<void> {
    await this.sampler.dispose();
    await this.extractor.dispose();
  }

  private openControlNet(): ControlNetFile {
    return openControlNet(join(this.directory, inverterFiles.controlNet), unetConfigOf(this.base));
  }

  private checkMap({ shape, data }: FeatureMap): void {
    const { mapShape, name } = this.config;
    if (shape.some((size, axis) => size !== mapShape[axis]) || shape.length !== mapShape.length) {
      throw new InputError(
        `the feature map has shape ${show(shape)}, ${name} reads maps of shape ${show(mapShape)} ` +
          `(layer ${this.config.layer} of ${this.config.backbone})`,
      );
    }
    if (!data.every(Number.isFinite)) {
      throw new InputError('the feature map holds values that are not finite');
    }
  }
}
