/** Trains the UNet of a base model, and its two text contexts, on latents of random crops. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { NamedTensors } from '../../checkpoints/named-tensors.js';
import { writeSafetensors } from '../../checkpoints/safetensors.js';
import {
  decode,
  encode,
  latentStride,
  normaliseLatents,
  restoreLatents,
  sampleLatents,
} from '../../diffusion/autoencoder.js';
import {
  baseModelFiles,
  CONTEXTS,
  makeBaseModelFolders,
  openBaseModel,
  unetSchema,
  type BaseModelConfig,
} from '../../diffusion/base-model.js';
import { sample } from '../../diffusion/samplers/index.js';
import { unet } from '../../diffusion/unet.js';
import { writeAtomic } from '../../files.js';
import { gatherRows, input, mean, mul, reshape, sub, type Tensor } from '../../graph/index.js';
import { imageGrid } from '../../images/grid.js';
import { normal, trainableParameters } from '../../nn/index.js';
import { Random } from '../../random.js';
import { Session } from '../../runtime/session.js';
import { GradientStep, parameterFeeds, stepOfTask } from '../../training/gradient-step.js';
import type { TrainingTask } from '../../training/task.js';
import { fromBatch, toBatch } from '../planar.js';
import { dataSchema, openPictures } from './data.js';
import { drawNoise, noisedBatch } from './noise.js';
import type { TaskContext } from './task-context.js';

export const denoiserTaskSchema = z.strictObject({
  type: z.literal('denoiser'),
  data: dataSchema,
  /** Folder of a base model with a trained autoencoder. */
  base: z.string(),
  model: unetSchema,
  /** Share of images that see the empty prompt. */
  promptDropout: z.number().min(0).max(1).default(0.15),
  /** Weight min(1 / ᾱ, cap) of the noise error; 1 is the plain loss. */
  lossWeightCap: z.number().min(1).default(1),
  /** Sampling of the validation grid. */
  validationSteps: z.number().int().min(1).max(1000).default(20),
});

type Config = z.infer<typeof denoiserTaskSchema>;

const GRID_SAMPLES = 16;

export async function openDenoiserTask(config: Config, task: TaskContext): Promise<TrainingTask> {
  const { batchSize, session, recompute } = task;
  const base = await openBaseModel(config.base);
  const { autoencoder, imageSize: size } = base.config;
  const grid = size / latentStride(autoencoder);
  const latentSize = autoencoder.latentChannels * grid * grid;
  const latentShape = (n: number): number[] => [n, autoencoder.latentChannels, grid, grid];
  const pictures = await openPictures(config.data, size);
  const heldOut = pictures.heldOut;
  const parameters = trainableParameters(new Map(), task.seed);
  const weighting = { cap: config.lossWeightCap };

  const { loss } = denoisingLoss(batchSize);
  const step = GradientStep.trace(loss, parameters, {}, { ...session, recompute });
  const validation = await Session.compile({ loss: denoisingLoss(heldOut.length).loss }, session);
  const sampler = await compileSampler();

  return {
    parameters: parameters.values,
    ...stepOfTask(step, async (rng) => ({
      ...feeds(rng, batchSize),
      images: await pictures.batch(rng, batchSize, task.shard?.()),
    })),
    validate: async (values) => {
      const random = new Random('denoiser validation');
      const weights = parameterFeeds(parameters, values);
      const result = await validation.run({
        ...feeds(random, heldOut.length),
        images: toBatch(heldOut),
        ...weights,
      });
      const samples = await sampler(random, weights);
      return {
        metrics: { heldOutLoss: result.loss[0]! },
        grids: { samples: imageGrid(samples, 8) },
      };
    },
    save,
  };

  /** Mean weighted error of the predicted noise over a batch of `n` images. */
  function denoisingLoss(n: number): { loss: Tensor } {
    const posterior = encode(base.autoencoder(), autoencoder, input('images', [n, 3, size, size]));
    const drawn = sampleLatents(posterior, input('latentNoise', latentShape(n)));
    const batch = noisedBatch(normaliseLatents(autoencoder, drawn));
    const predicted = unet(parameters.scope('unet'), config.model, {
      latents: batch.noisy,
      timesteps: batch.timesteps,
      context: promptContexts(n),
    });
    const error = sub(predicted, batch.noise);
    return { loss: mean(mul(mul(error, error), batch.weight)) };
  }

  /** The learned context of each image's prompt: 0 is empty, 1 the prompt. */
  function promptContexts(n: number): Tensor {
    const { contextLength, contextWidth } = config.model;
    const shape = [2, contextLength, contextWidth];
    const table = parameters.tensor(CONTEXTS, shape, normal(0.5));
    const rows = gatherRows(
      reshape(table, [2, contextLength * contextWidth]),
      input('prompts', [n], 'int64'),
    );
    return reshape(rows, [n, contextLength, contextWidth]);
  }

  function feeds(random: Random, n: number): Record<string, Float32Array | BigInt64Array> {
    return {
      latentNoise: random.fillNormal(new Float32Array(n * latentSize)),
      ...drawNoise(random, base.schedule, n, latentSize, weighting),
      prompts: BigInt64Array.from({ length: n }, () =>
        random.uniform() < config.promptDropout ? 0n : 1n,
      ),
    };
  }

  async function compileSampler() {
    const noise = unet(parameters.scope('unet'), config.model, {
      latents: input('latents', latentShape(GRID_SAMPLES)),
      timesteps: input('timesteps', [GRID_SAMPLES]),
      context: promptContexts(GRID_SAMPLES),
    });
    const restored = restoreLatents(autoencoder, input('latents', latentShape(GRID_SAMPLES)));
    const images = decode(base.autoencoder(), autoencoder, restored);
    const denoiser = await Session.compile({ noise }, session);
    const decoder = await Session.compile({ images }, session);
    const prompts = new BigInt64Array(GRID_SAMPLES).fill(1n);
    return async (random: Random, weights: Record<string, Float32Array>) => {
      const latents = await sample({
        predictNoise: async (x, t) => {
          const timesteps = new Float32Array(GRID_SAMPLES).fill(t);
          return (await denoiser.run({ latents: x, timesteps, prompts, ...weights })).noise;
        },
        schedule: base.schedule,
        sampler: 'dpm++',
        steps: config.validationSteps,
        latents: random.fillNormal(new Float32Array(GRID_SAMPLES * latentSize)),
        random,
      });
      const decoded = (await decoder.run({ latents })).images;
      return Array.from({ length: GRID_SAMPLES }, (_, i) => fromBatch(decoded, i, size));
    };
  }

  /** The base model with its UNet: a complete folder of its own. */
  async function save(values: NamedTensors, directory: string): Promise<void> {
    const contexts: NamedTensors = new Map([[CONTEXTS, values.get(CONTEXTS)!]]);
    const weights: NamedTensors = new Map();
    for (const [name, tensor] of values) {
      if (name.startsWith('unet.')) weights.set(name.slice('unet.'.length), tensor);
    }
    const completed: BaseModelConfig = {
      ...base.config,
      unet: config.model,
      training: { ...base.config.training, denoiser: task.record() },
    };
    await makeBaseModelFolders(directory);
    await cp(
      join(base.path, baseModelFiles.autoencoder),
      join(directory, baseModelFiles.autoencoder),
    );
    await writeSafetensors(join(directory, baseModelFiles.unet), weights, { dtype: 'F16' });
    await writeSafetensors(join(directory, baseModelFiles.textContexts), contexts, {
      dtype: 'F16',
    });
    const text = JSON.stringify(completed, null, 2) + '\n';
    await writeAtomic(join(directory, baseModelFiles.config), text);
  }
}
