import os from 'node:os';
import { z } from 'zod';
import type { Prediction } from '../../backbones/index.js';
import { encodePng } from '../../images/png.js';
import type { InverterConfig } from '../../inversion/inverter-config.js';
import type {
  ClassProbability,
  DemoEvaluation,
  DemoModel,
  DemoPage,
  DemoPhotograph,
  DemoReconstruction,
} from '../../report/index.js';
import { packageVersion } from '../package-version.js';
import { describeSampling } from '../sampling-options.js';
import { shortLabel } from '../short-label.js';
import type { ModelResult, PhotographResult } from './reconstruct-photographs.js';

/** The page's data from what the models made of the photographs called `names`. */
export async function demoPageOf(
  models: readonly [ModelResult, ...ModelResult[]],
  names: readonly string[],
  run: { readonly seconds: number; readonly threads: number; readonly commands: readonly string[] },
): Promise<DemoPage> {
  const [leading] = models;
  const seeds = leading.photographs[0]!.samples.map(({ seed }) => seed);
  return {
    title: 'What the network saw',
    backbone: leading.backbone,
    models: models.map(modelCard),
    photographs: await Promise.all(names.map((name, i) => photograph(name, i, models))),
    settings: [
      ['Seeds', seeds.join(', ')],
      ['featinv', packageVersion()],
      ['Machine', `${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${run.threads} threads`],
      ['Time', `${run.seconds.toFixed(0)} s for ${countPictures(models)} pictures`],
    ],
    commands: run.commands,
  };
}

/** `14×14 unpooled`. */
export function modelLabel({ mapShape, pooled }: InverterConfig): string {
  return `${mapShape[1]}×${mapShape[2]} ${pooled ? 'pooled' : 'unpooled'}`;
}

function modelCard({ config }: ModelResult): DemoModel {
  const evaluation = storedEvaluation(config);
  return {
    id: config.name,
    label: modelLabel(config),
    summary: /[.!?]$/.test(config.description) ? config.description : `${config.description}.`,
    mapShape: config.mapShape,
    pooled: config.pooled,
    sampling: describeSampling(config.sampling),
    ...(evaluation && { evaluation }),
  };
}

async function photograph(
  name: string,
  index: number,
  models: readonly [ModelResult, ...ModelResult[]],
): Promise<DemoPhotograph> {
  const { prepared, top5 } = models[0].photographs[index]!;
  const reconstructions = models.map(({ config, photographs }) =>
    reconstruction(config, photographs[index]!),
  );
  return {
    name,
    original: await encodePng(prepared),
    top5: classes(top5),
    reconstructions: await Promise.all(reconstructions),
  };
}

async function reconstruction(
  { name, mapShape: [, height, width] }: InverterConfig,
  { samples, comparison, seconds }: PhotographResult,
): Promise<DemoReconstruction> {
  const { cosineMap, cosine, top5, top5Match } = comparison;
  return {
    model: name,
    samples: await Promise.all(
      samples.map(async ({ image, seed }) => ({ png: await encodePng(image), seed })),
    ),
    cosineMap: Array.from({ length: height }, (_, y) => [
      ...cosineMap.subarray(y * width, (y + 1) * width),
    ]),
    cosine,
    top5: classes(top5),
    top5Match: top5Match === true,
    seconds,
  };
}

const classes = (top5: readonly Prediction[]): ClassProbability[] =>
  top5.map(({ label, probability }) => ({ label: shortLabel(label), probability }));

const storedSchema = z.object({
  images: z.number(),
  cosine: z.object({ mean: z.number() }),
  floor: z.object({ cosine: z.number() }),
  ceiling: z.object({ cosine: z.number() }),
  gapClosed: z.number(),
  intervals: z.object({ gapClosed: z.object({ low: z.number(), high: z.number() }) }),
});

/** What `featinv evaluate` measured before the model was released, if that is recorded. */
function storedEvaluation({ training }: InverterConfig): DemoEvaluation | undefined {
  const parsed = storedSchema.safeParse(training['evaluation']);
  if (!parsed.success) return undefined;
  const { images, cosine, floor, ceiling, gapClosed, intervals } = parsed.data;
  return {
    images,
    cosine: cosine.mean,
    floor: floor.cosine,
    ceiling: ceiling.cosine,
    gapClosed: { value: gapClosed, ...intervals.gapClosed },
  };
}

function countPictures(models: readonly ModelResult[]): number {
  return models
    .flatMap(({ photographs }) => photographs)
    .reduce((sum, { samples }) => sum + samples.length, 0);
}
