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
import { trainableParameters } from '../../nn/index.js';
import { Random } from '../../random.js';
import { cosineMap, gapClosed, summariseCosines } from '../../metrics/index.js';
import { GradientStep, parameterFeeds, stepOfTask } from '../../training/gradient-step.js';
import type { TrainingTask } from '../../training/task.js';
import { FeatureExtractor } from '../feature-extractor.js';
import { initialControlNet, scaledMapWeight, trainedControlNet } from '../initial-control-net.js';
import { samplingSchema } from '../inverter-config.js';
import { steeredNoise, type InverterNetwork } from '../inverter-graph.js';
import { InverterSampler } from '../inverter-sampler.js';
import { fromBatch, toBatch } from '../planar.js';
import { writeInverter } from '../write-inverter.js';
import { dataSchema, openPictures } from './data.js';
import { featureLoss } from './feature-loss.js';
import { drawNoise, noisedBatch } from './noise.js';
import type { TaskContext } from './task-context.js';

export const inverterTaskSchema = z.strictObject({
  type: z.literal('inverter'),
  data: dataSchema,
  /** Folder of the frozen base model. */
  base: z.string(),
  backbone: z.string(),
  layer: z.string(),
  pooled: z.boolean().default(false),
  hintWidth: z.number().int().min(1),
  /** Folder of an inverter whose ControlNet to begin with; by default the base's encoder is copied. */
  startFrom: z.string().optional(),
  /** Share of images whose hint is zeroed and whose prompt is emptied, together. */
  conditioningDropout: z.number().min(0).max(1).default(0.15),
  /** Weight min(1 / ᾱ, cap) of the noise error; 1 is the paper's plain loss. */
  lossWeightCap: z.number().min(1).default(1),
  /** Weight of the map that the predicted picture loses, beside the noise error; 0 is the paper's loss. */
  featureWeight: z.number().min(0).default(0),
  release: z.strictObject({ name: z.string(), description: z.string(), licence: z.string() }),
  /** How validation samples, and the defaults of the released model. */
  sampling: samplingSchema,
});

type Config = z.infer<typeof inverterTaskSchema>;

/** Seed of validation samples, the authors' choice. */
const VALIDATION_SEED = 100;
/** Crops from which the feature channels' scales are measured. */
const SCALE_CROPS = 256;

export async function openInverterTask(config: Config, task: TaskContext): Promise<TrainingTask> {
  const { batchSize, session } = task;
  const base = await openBaseModel(config.base);
  const { autoencoder, imageSize: size } = base.config;
  const network: InverterNetwork = {
    unet: unetConfigOf(base),
    hintWidth: config.hintWidth,
    pooled: config.pooled,
  };
  const contexts = await base.contexts();
  const pictures = await openPictures(config.data, size);
  const heldOut = toBatch(pictures.heldOut);
  const count = pictures.heldOut.length;
  const extractor = await FeatureExtractor.open(config.backbone, config.layer, size, session);
  const { mapShape } = extractor;
  const scale = await channelScale();
  const start =
    config.startFrom === undefined
      ? initialControlNet(base.unetWeights())
      : await trainedControlNet(config.startFrom, network.unet, { ...config, scale });
  const parameters = trainableParameters(start, task.seed);
  const scaleFeeds = { featureScale: scale };

  const grid = size / latentStride(autoencoder);
  const latentSize = autoencoder.latentChannels * grid * grid;
  const { loss, parts } = trainingLoss();
  const step = await GradientStep.compile(loss, parameters, parts, session);
  const sampler = new InverterSampler(
    { base, network, mapShape, control: () => parameters, prepareMap: scaledMap },
    session,
  );
  const reference = await validationReference();

  return {
    parameters: parameters.values,
    ...stepOfTask(step, (rng) => ({
      images: pictures.batch(rng, batchSize),
      latentNoise: rng.fillNormal(new Float32Array(batchSize * latentSize)),
      ...drawNoise(rng, base.schedule, batchSize, latentSize, { cap: config.lossWeightCap }),
      ...drawConditions(rng),
      ...scaleFeeds,
    })),
    validate,
    save,
  };

  /** Deviation from the authors: each channel is divided by its RMS, which `save` folds into the weights. */
  async function channelScale(): Promise<Float32Array> {
    const random = new Random('channel scales');
    const [channels, h, w] = mapShape;
    const squares = new Float64Array(channels);
    const maps = (await extractor.run(pictures.batch(random, SCALE_CROPS))).maps;
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
    const maps = extractor.trace(images);
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

  /** Maps of the held-out crops, and the cosines of a random other crop and of the round trip. */
  async function validationReference() {
    const maps = (await extractor.run(heldOut)).maps;
    const trips = (await extractor.run(await sampler.roundTrip(heldOut))).maps;
    const shift = Math.floor(count / 2);
    return {
      maps,
      floor: cosines(maps, (i) => (i + shift) % count, maps),
      ceiling: cosines(maps, (i) => i, trips),
    };
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
    const seeds = pictures.heldOut.map(() => VALIDATION_SEED);
    const feeds = { ...parameterFeeds(parameters, values), ...scaleFeeds };
    const images = await sampler.sample(reference.maps, seeds, config.sampling, undefined, feeds);
    const features = (await extractor.run(images)).maps;
    const cosine = cosines(reference.maps, (i) => i, features);
    const { floor, ceiling } = reference;
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
      backbone: config.backbone,
      layer: config.layer,
      mapShape,
      pooled: config.pooled,
      hintWidth: config.hintWidth,
      sampling: config.sampling,
      training: task.record(),
    };
    await writeInverter(directory, base, settings, released);
  }
}
