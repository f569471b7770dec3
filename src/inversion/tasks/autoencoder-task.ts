/** Trains the KL autoencoder on random crops. */
import { join } from 'node:path';
import { z } from 'zod';
import { writeSafetensors } from '../../checkpoints/safetensors.js';
import type { NamedTensors } from '../../checkpoints/named-tensors.js';
import {
  autoencoderSchema,
  baseModelFiles,
  defaultSchedule,
  makeBaseModelFolders,
  type BaseModelConfig,
} from '../../diffusion/base-model.js';
import { decode, encode, latentStride, sampleLatents } from '../../diffusion/autoencoder.js';
import { writeAtomic } from '../../files.js';
import { add, exp, input, mean, mul, sub, type Tensor } from '../../graph/index.js';
import { frozenParameters, trainableParameters } from '../../nn/index.js';
import { Random } from '../../random.js';
import { Session } from '../../runtime/session.js';
import { GradientStep, parameterFeeds, stepOfTask } from '../../training/gradient-step.js';
import type { TrainingTask } from '../../training/task.js';
import { toBatch } from '../planar.js';
import { dataSchema, openPictures } from './data.js';
import { reconstructionLoss, reconstructionLossSchema } from './reconstruction-loss.js';
import { judgeRoundTrip } from './round-trip.js';
import type { TaskContext } from './task-context.js';

export const autoencoderTaskSchema = z.strictObject({
  type: z.literal('autoencoder'),
  data: dataSchema,
  imageSize: z.number().int().min(16).default(64),
  model: autoencoderSchema.omit({ latentMean: true, latentDeviation: true }),
  loss: reconstructionLossSchema.extend({
    /** Weight of the divergence of the latents from a standard normal distribution. */
    kl: z.number().min(0),
  }),
});

type Config = z.infer<typeof autoencoderTaskSchema>;

/** Crops from which the latents' mean and deviation are measured. */
const STATISTICS_CROPS = 512;
const BATCH = 32;

export async function openAutoencoderTask(
  config: Config,
  context: TaskContext,
): Promise<TrainingTask> {
  const { batchSize, session, recompute } = context;
  const size = config.imageSize;
  const model = {
    ...config.model,
    latentMean: Array.from({ length: config.model.latentChannels }, () => 0),
    latentDeviation: Array.from({ length: config.model.latentChannels }, () => 1),
  };
  const grid = size / latentStride(model);
  const latentShape = (n: number): number[] => [n, model.latentChannels, grid, grid];
  const pictures = await openPictures(config.data, size);
  const parameters = trainableParameters(new Map(), context.seed);

  const images = input('images', [batchSize, 3, size, size]);
  const noise = input('noise', latentShape(batchSize));
  const posterior = encode(parameters, model, images);
  const decoded = decode(parameters, model, sampleLatents(posterior, noise));
  const reconstruction = await reconstructionLoss(decoded, images, config.loss);
  const kl = klDivergence(posterior.mean, posterior.logVariance);
  const loss = add(reconstruction.loss, mul(kl, config.loss.kl));
  const step = GradientStep.trace(
    loss,
    parameters,
    { ...reconstruction.parts, kl },
    { ...session, recompute },
  );

  const heldOut = pictures.heldOut;
  const evaluation = trainableParameters(parameters.values, context.seed);
  const originals = input('images', [heldOut.length, 3, size, size]);
  const roundTrip = decode(evaluation, model, encode(evaluation, model, originals).mean);
  const validation = await Session.compile({ roundTrip }, session);

  return {
    parameters: parameters.values,
    ...stepOfTask(step, async (rng) => ({
      images: await pictures.batch(rng, batchSize, context.shard?.()),
      noise: rng.fillNormal(new Float32Array(batchSize * model.latentChannels * grid * grid)),
    })),
    validate: async (values) => {
      const feeds = { images: toBatch(heldOut), ...parameterFeeds(evaluation, values) };
      return judgeRoundTrip(heldOut, (await validation.run(feeds)).roundTrip);
    },
    save: async (values, directory) => {
      await makeBaseModelFolders(directory);
      const measured = await latentStatistics(values);
      const base: BaseModelConfig = {
        schemaVersion: 1,
        scale: 'tiny',
        imageSize: size,
        autoencoder: { ...config.model, ...measured },
        schedule: defaultSchedule,
        training: { autoencoder: context.record() },
      };
      await writeSafetensors(join(directory, baseModelFiles.autoencoder), values, { dtype: 'F16' });
      await writeAtomic(
        join(directory, baseModelFiles.config),
        JSON.stringify(base, null, 2) + '\n',
      );
    },
  };

  /** Mean and deviation per channel of sampled latents, over crops of a fixed seed. */
  async function latentStatistics(
    values: NamedTensors,
  ): Promise<{ latentMean: number[]; latentDeviation: number[] }> {
    const frozen = frozenParameters(values, 'the trained autoencoder');
    const posteriorOf = encode(frozen, model, input('images', [BATCH, 3, size, size]));
    const latents = sampleLatents(posteriorOf, input('noise', latentShape(BATCH)));
    const moments: Record<string, Tensor> = {
      first: mean(latents, [0, 2, 3]),
      second: mean(mul(latents, latents), [0, 2, 3]),
    };
    const statistics = await Session.compile(moments, session);
    const random = new Random('latent statistics');
    const first = model.latentMean.map(() => 0);
    const second = model.latentMean.map(() => 0);
    const batches = STATISTICS_CROPS / BATCH;
    for (let i = 0; i < batches; i++) {
      const result = await statistics.run({
        images: await pictures.batch(random, BATCH),
        noise: random.fillNormal(new Float32Array(BATCH * model.latentChannels * grid * grid)),
      });
      first.forEach((_, c) => (first[c]! += result['first']![c]! / batches));
      second.forEach((_, c) => (second[c]! += result['second']![c]! / batches));
    }
    await statistics.dispose();
    return {
      latentMean: first,
      latentDeviation: second.map((value, c) => Math.sqrt(value - first[c]! ** 2)),
    };
  }
}

/** KL(N(μ, σ²) ‖ N(0, 1)) = ½ (μ² + σ² - 1 - ln σ²), as a mean over latents. */
function klDivergence(mu: Tensor, logVariance: Tensor): Tensor {
  return mul(mean(sub(add(mul(mu, mu), exp(logVariance)), add(logVariance, 1))), 0.5);
}
