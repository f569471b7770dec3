/**
 * Trains an autoencoder's decoder further while its encoder stays frozen: latents keep their meaning, so
 * denoisers and inverters that were trained on them go on to fit.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readSafetensors, writeSafetensors } from '../../checkpoints/safetensors.js';
import type { NamedTensors } from '../../checkpoints/named-tensors.js';
import { decode, encode, latentStride, sampleLatents } from '../../diffusion/autoencoder.js';
import { baseModelFiles, openBaseModel, type BaseModelConfig } from '../../diffusion/base-model.js';
import { writeAtomic } from '../../files.js';
import { input } from '../../graph/index.js';
import { trainableParameters } from '../../nn/index.js';
import { Session } from '../../runtime/session.js';
import { GradientStep, parameterFeeds, stepOfTask } from '../../training/gradient-step.js';
import type { TrainingTask } from '../../training/task.js';
import { toBatch } from '../planar.js';
import { dataSchema, openPictures } from './data.js';
import { reconstructionLoss, reconstructionLossSchema } from './reconstruction-loss.js';
import { judgeRoundTrip } from './round-trip.js';
import type { TaskContext } from './task-context.js';

export const decoderTaskSchema = z.strictObject({
  type: z.literal('decoder'),
  data: dataSchema,
  /** Folder of the base model. */
  base: z.string(),
  loss: reconstructionLossSchema,
});

type Config = z.infer<typeof decoderTaskSchema>;

/** The part of an autoencoder that turns latents into pictures. */
const DECODER = /^(decoder|post_quant_conv)\./;

export async function openDecoderTask(config: Config, context: TaskContext): Promise<TrainingTask> {
  const { batchSize, session, recompute } = context;
  const base = await openBaseModel(config.base);
  const { autoencoder: model, imageSize: size } = base.config;
  const grid = size / latentStride(model);
  const latentShape = [batchSize, model.latentChannels, grid, grid];
  const latentSize = model.latentChannels * grid * grid;
  const pictures = await openPictures(config.data, size);
  const heldOut = pictures.heldOut;
  const stored = readSafetensors(join(base.path, baseModelFiles.autoencoder));
  const start: NamedTensors = new Map([...stored].filter(([name]) => DECODER.test(name)));
  const parameters = trainableParameters(start, context.seed);

  const images = input('images', [batchSize, 3, size, size]);
  const posterior = encode(base.autoencoder(), model, images);
  const decoded = decode(parameters, model, sampleLatents(posterior, input('noise', latentShape)));
  const { loss, parts } = await reconstructionLoss(decoded, images, config.loss);
  const step = GradientStep.trace(loss, parameters, parts, { ...session, recompute });

  const originals = input('images', [heldOut.length, 3, size, size]);
  const latents = encode(base.autoencoder(), model, originals).mean;
  const validation = await Session.compile(
    { roundTrip: decode(parameters, model, latents) },
    session,
  );

  return {
    parameters: parameters.values,
    ...stepOfTask(step, async (rng) => ({
      images: await pictures.batch(rng, batchSize, context.shard?.()),
      noise: rng.fillNormal(new Float32Array(batchSize * latentSize)),
    })),
    validate: async (values) => {
      const feeds = { images: toBatch(heldOut), ...parameterFeeds(parameters, values) };
      return judgeRoundTrip(heldOut, (await validation.run(feeds)).roundTrip);
    },
    save: async (values, directory) => {
      await cp(base.path, directory, { recursive: true });
      const merged: NamedTensors = new Map([...stored, ...values]);
      await writeSafetensors(join(directory, baseModelFiles.autoencoder), merged, { dtype: 'F16' });
      const refined: BaseModelConfig = {
        ...base.config,
        training: { ...base.config.training, decoder: context.record() },
      };
      await writeAtomic(
        join(directory, baseModelFiles.config),
        JSON.stringify(refined, null, 2) + '\n',
      );
    },
  };
}
