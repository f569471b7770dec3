/** Trains a ControlNet and hint encoder on a frozen base: FeatInv (arXiv 2505.21032). */
import { z } from 'zod';
import type { NamedTensors } from '../../checkpoints/named-tensors.js';
import {
  encode,
  latentStride,
  normaliseLatents,
  sampleLatents,
} from '../../diffusion/autoencoder.js';
import { openBaseModel, unetConfigOf } from '../../diffusion/base-model.js';
import { add, input, mean, mul, reshape, sub, type Shape, type Tensor } from '../../graph/index.js';
import { imageGrid } from '../../images/grid.js';
import type { RgbImage } from '../../images/rgb-image.js';
import { trainableParameters } from '../../nn/index.js';
import { Random } from '../../random.js';
import { cosineMap, gapClosed, summariseCosines } from '../../metrics/index.js';
import { largestNeed, sumNeeds, type MemoryNeed } from '../../runtime/memory-need.js';
import { GradientStep, parameterFeeds, stepOfTask } from '../../training/gradient-step.js';
import type { TrainingTask } from '../../training/task.js';
import { FeatureExtractor } from '../feature-extractor.js';
import { initialControlNet, scaledMapWeight, trainedControlNet } from '../initial-control-net.js';
import { samplingSchema } from '../inverter-config.js';
import { steeredNoise, type InverterNetwork } from '../inverter-graph.js';
import { InverterSampler } from '../inverter-sampler.js';
import { fromBatch, toBatch } from '../planar.js';
import { withMemoryMode } from '../with-memory-mode.js';
import { writeInverter } from '../write-inverter.js';
import { dataSchema, openPictures } from './data.js';
import { featureLoss } from './feature-loss.js';
import { drawNoise, noisedBatch } from './noise.js';
import type { TaskContext } from './task-context.js';

export const inverterTaskSchema = z.strictObject({
  type: z.literal('inverter'),
  data: dataSchema,
  /** Folder or checkpoint of the frozen base model, and what its files leave open. */
  base: z.string(),
  baseOptions: z
    .strictObject({
      /** Take a checkpoint's averaged (EMA) weights. */
      averaged: z.boolean().optional(),
      /** Side of its images in pixels. */
      imageSize: z.number().int().min(64).max(2048).optional(),
    })
    .default({}),
  backbone: z.string(),
  layer: z.string(),
  pooled: z.boolean().default(false),
  hintWidth: z.number().int().min(1),
  /** Folder of an inverter whose ControlNet to begin with; by default the base's encoder is copied. */
  startFrom: z.string().optional(),
  /** Divide each channel of the maps by its size, measured on crops; the paper does not. */
  scaleChannels: z.boolean().default(true),
  /** Share of images whose hint is zeroed and whose prompt is emptied, together. */
  conditioningDropout: z.number().min(0).max(1).default(0.15),
  /** Weight min(1 / ᾱ, cap) of the noise error; 1 is the paper's plain loss. */
  lossWeightCap: z.number().min(1).default(1),
  /** Weight of the map that the predicted picture loses, beside the noise error; 0 is the paper's loss. */
  featureWeight: z.number().min(0).default(0),
  release: z.strictObject({ name: z.string(), description: z.string(), licence: z.string() }),
  /** How validation samples, and the defaults of the released model. */
  sampling: samplingSchema,
  /** Crops that validation looks at together: this decides the memory that it needs. */
  validationBatch: z.number().int().min(1).default(64),
});

type Config = z.infer<typeof inverterTaskSchema>;

/** Maps of all held-out crops, and for each crop the cosine of another crop's map and of its round trip's. */
interface ValidationReference {
  readonly maps: Float32Array;
  readonly floor: readonly number[];
  readonly ceiling: readonly number[];
}

/** Seed of validation samples, the authors' choice. */
const VALIDATION_SEED = 100;
/** Crops from which the feature channels' scales are measured. */
const SCALE_CROPS = 256;

export async function openInverterTask(config: Config, task: TaskContext): Promise<TrainingTask> {
  const { batchSize, recompute } = task;
  const base = await openBaseModel(config.base, config.baseOptions);
  const session = withMemoryMode(task.session, base.config);
  const { autoencoder, imageSize: size } = base.config;
  const network: InverterNetwork = {
    unet: unetConfigOf(base),
    hintWidth: config.hintWidth,
    pooled: config.pooled,
  };
  const contexts = await base.contexts();
  const pictures = await openPictures(config.data, size);
  const count = pictures.heldOut.length;
  const extractor = await FeatureExtractor.open(config.backbone, config.layer, size, session);
  const { mapShape } = extractor;
  const scale = config.scaleChannels ? await channelScale() : new Float32Array(mapShape[0]).fill(1);
  const start =
    config.startFrom === undefined
      ? initialControlNet(base.unetWeights())
      : await trainedControlNet(config.startFrom, network.unet, {
          backbone: extractor.backbone.id,
          layer: config.layer,
          scale,
        });
  const parameters = trainableParameters(start, task.seed);
  const scaleFeeds = { featureScale: scale };

  const grid = size / latentStride(autoencoder);
  const latentSize = autoencoder.latentChannels * grid * grid;
  /** Whether the classifier sees the crops at a size of their own. */
  const ownView = pictures.cropSize !== size;
  const { loss, parts } = trainingLoss();
  const step = GradientStep.trace(loss, parameters, parts, { ...session, recompute });
  let reference: Promise<ValidationReference> | undefined;

  return {
    parameters: parameters.values,
    ...stepOfTask(step, async (rng) => {
      const crops = await pictures.crops(rng, batchSize, task.shard?.());
      return {
        images: pictures.pictures(crops),
        ...(ownView && { views: toBatch(crops) }),
        latentNoise: rng.fillNormal(new Float32Array(batchSize * latentSize)),
        ...drawNoise(rng, base.schedule, batchSize, latentSize, { cap: config.lossWeightCap }),
        ...drawConditions(rng),
        ...scaleFeeds,
      };
    }),
    validationMemory: validationMemory(),
    validate,
    save,
  };

  /** Deviation from the authors: each channel is divided by its RMS, which `save` folds into the weights. */
  async function channelScale(): Promise<Float32Array> {
    const random = new Random('channel scales');
    const [channels, h, w] = mapShape;
    const squares = new Float64Array(channels);
    const maps = (await extractor.run(await pictures.batch(random, SCALE_CROPS))).maps;
    for (let i = 0; i < maps.length; i++) {
      squares[Math.floor(i / (h * w)) % channels]! += maps[i]! ** 2;
    }
    const rms = squares.map((sum) => Math.sqrt(sum / (SCALE_CROPS * h * w)));
    const overall = Math.sqrt(rms.reduce((sum, value) => sum + value * value, 0) / channels);
    // Rare channels are not blown up to more than ten times the usual scale.
    return Float32Array.from(rms, (value) => 1 / Math.max(value, 0.1 * overall));
  }

  function scaledMap(features: Tensor): Tensor {
    const channels = mapShape[0];
    return mul(features, reshape(input('featureScale', [channels]), [1, channels, 1, 1]));
  }

  /** Loss of a batch; frozen backbone, autoencoder and UNet are part of the same graph. */
  function trainingLoss(): { loss: Tensor; parts: Record<string, Tensor> } {
    const images = input('images', [batchSize, 3, size, size]);
    const posterior = encode(base.autoencoder(), autoencoder, images);
    const latentShape: Shape = [batchSize, autoencoder.latentChannels, grid, grid];
    const drawn = sampleLatents(posterior, input('latentNoise', latentShape));
    const batch = noisedBatch(normaliseLatents(autoencoder, drawn));
    const { contextLength, contextWidth } = network.unet;
    const context = input('context', [batchSize, contextLength, contextWidth]);
    const keep = input('keepHint', [batchSize, 1, 1, 1]);
    const { cropSize } = pictures;
    const views = ownView ? input('views', [batchSize, 3, cropSize, cropSize]) : images;
    const maps = extractor.trace(views);
    const features = mul(scaledMap(maps), keep);
    const inputs = { latents: batch.noisy, timesteps: batch.timesteps, context };
    const predicted = steeredNoise(base.unet(), parameters, network, inputs, features);
    const error = sub(predicted, batch.noise);
    const noiseError = mean(mul(mul(error, error), batch.weight));
    if (config.featureWeight === 0) return { loss: noiseError, parts: {} };
    const mapOf = (pictures: Tensor): Tensor => extractor.trace(pictures);
    const lost = featureLoss({ base, predicted, batch, mapOf, maps, keep });
    const loss = add(noiseError, mul(lost, config.featureWeight));
    return { loss, parts: { noiseError, featureLoss: lost } };
  }

  /** One draw for each image zeroes its hint and empties its prompt together. */
  function drawConditions(random: Random): { keepHint: Float32Array; context: Float32Array } {
    const width = contexts.prompt.length;
    const keepHint = new Float32Array(batchSize);
    const context = new Float32Array(batchSize * width);
    for (let i = 0; i < batchSize; i++) {
      const kept = random.uniform() >= config.conditioningDropout;
      keepHint[i] = Number(kept);
      context.set(kept ? contexts.prompt : contexts.null, i * width);
    }
    return { keepHint, context };
  }

  function newSampler(): InverterSampler {
    const control = () => parameters;
    return new InverterSampler(
      { base, network, mapShape, control, prepareMap: scaledMap },
      session,
    );
  }

  function validationMemory(): MemoryNeed {
    const { guidanceMode: mode, guidance: scale } = config.sampling;
    const batch = Math.min(config.validationBatch, count);
    const needs = [extractor.memoryNeed(batch), newSampler().memoryNeed(batch, { mode, scale })];
    return session.memory === 'low' ? largestNeed(needs) : sumNeeds(needs);
  }

  /**
   * A sampler for one validation, and what it is compared with. Its sessions live no longer: they would hold
   * the base model's weights once more while training goes on.
   */
  async function withSampler<T>(work: (sampler: InverterSampler) => Promise<T>): Promise<T> {
    const sampler = newSampler();
    try {
      return await work(sampler);
    } finally {
      await sampler.dispose();
      await extractor.dispose();
    }
  }

  /** Maps of the held-out crops, and the cosines of a random other crop and of the round trip. */
  async function validationReference(sampler: InverterSampler): Promise<ValidationReference> {
    const maps = await inBatches(async (crops) => (await extractor.run(toBatch(crops))).maps);
    const trips = await inBatches(
      async (crops) => (await extractor.run(await sampler.roundTrip(toBatch(crops)))).maps,
    );
    const shift = Math.floor(count / 2);
    return {
      maps,
      floor: cosines(maps, (i) => (i + shift) % count, maps),
      ceiling: cosines(maps, (i) => i, trips),
    };
  }

  /** The results for `validationBatch` held-out crops at a time, one after another. */
  async function inBatches(
    work: (crops: readonly RgbImage[], first: number) => Promise<Float32Array>,
  ): Promise<Float32Array> {
    const parts: Float32Array[] = [];
    for (let first = 0; first < count; first += config.validationBatch) {
      const crops = pictures.heldOut.slice(first, first + config.validationBatch);
      parts.push(await work(crops, first));
    }
    const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  /** Mean cosine over positions of each held-out map and a partner in `others`. */
  function cosines(maps: Float32Array, partner: (i: number) => number, others: Float32Array) {
    return Array.from({ length: count }, (_, i) => {
      const [channels, height, width] = mapShape;
      const one = extractor.mapAt(maps, i);
      const map = cosineMap(one, extractor.mapAt(others, partner(i)), { channels, height, width });
      return summariseCosines([map]).mean;
    });
  }

  async function validate(values: NamedTensors) {
    const feeds = { ...parameterFeeds(parameters, values), ...scaleFeeds };
    const { images, features, maps, floor, ceiling } = await withSampler(async (sampler) => {
      const known = await (reference ??= validationReference(sampler));
      const images = await inBatches((crops, first) => {
        const seeds = crops.map(() => VALIDATION_SEED);
        const { mapSize } = extractor;
        const own = known.maps.subarray(first * mapSize, (first + crops.length) * mapSize);
        return sampler.sample(own, seeds, config.sampling, undefined, feeds);
      });
      const stride = 3 * size * size;
      const features = await inBatches(async (crops, first) => {
        const own = images.subarray(first * stride, (first + crops.length) * stride);
        return (await extractor.run(own)).maps;
      });
      return { ...known, images, features };
    });
    const cosine = cosines(maps, (i) => i, features);
    const gap = gapClosed({ cosine, floor, ceiling }, { random: new Random(VALIDATION_SEED) });
    const average = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / count;
    const shown = Math.min(16, count);
    const samples = Array.from({ length: shown }, (_, i) => fromBatch(images, i, size));
    return {
      metrics: {
        cosine: average(cosine),
        floor: average(floor),
        ceiling: average(ceiling),
        gapClosed: gap.value,
      },
      grids: { samples: imageGrid([...pictures.heldOut.slice(0, shown), ...samples], shown) },
    };
  }

  /** An inverter's folder; the channel scales become part of the first hint convolution. */
  async function save(values: NamedTensors, directory: string): Promise<void> {
    const released = scaledMapWeight(values, scale);
    const settings = {
      ...config.release,
      backbone: extractor.backbone.id,
      layer: extractor.layer,
      mapShape,
      pooled: config.pooled,
      hintWidth: config.hintWidth,
      sampling: config.sampling,
      training: task.record(),
    };
    await writeInverter(directory, base, settings, released);
  }
}
