import path from 'node:path';
import { InputError } from '../../errors.js';
import {
  choosePhotographs,
  defaultJudge,
  evaluateInverter,
  EvaluationStore,
  joinStores,
  reportEvaluation,
  shownImages,
  type EvaluationRequest,
  type HeldBatch,
} from '../../evaluation/index.js';
import { findInceptionWeights } from '../../evaluation/fid/index.js';
import { writeAtomic } from '../../files.js';
import { imageGrid } from '../../images/grid.js';
import { writePng } from '../../images/png.js';
import type { RgbImage } from '../../images/rgb-image.js';
import { DEFAULT_SEED } from '../../inversion/inverter.js';
import { defaulted, defineCommand, flag, optional } from '../command.js';
import type { CommandContext } from '../context.js';
import { describeEvaluation } from '../evaluation/describe-evaluation.js';
import { INCEPTION_OPTION } from '../evaluation/inception-option.js';
import { measureElsewhere } from '../evaluation/measure-elsewhere.js';
import { openInverter, tellMemory } from '../open-inverter.js';
import { integer, list, shard, text } from '../option-parsers.js';
import { QUEUE_OPTIONS } from '../queue-options.js';
import { withHelpers, type Helpers, type QueueChoice } from '../submit-work.js';
import { SAMPLING_OPTIONS, samplingOf } from '../sampling-options.js';

/** Pictures in a row of the grid: originals, their reconstructions below. */
const GRID_COLUMNS = 16;

export const command = defineCommand({
  description:
    'Measures an inverter on photographs: cosines between the map of each original and of its ' +
    'reconstruction; beside them the floor (another random image) and the ceiling (the autoencoder’s ' +
    'round trip), and how much of the gap between them is closed; the same cosine in the eyes of a ' +
    'classifier that the inverter does not know (transfer). Brackets hold 95 % bootstrap intervals ' +
    'over images. With --out the records are kept: a run that was stopped goes on, shards are merged.',
  positionals: '[shard-dir...]',
  options: {
    images: optional('--images <dir>', 'photographs to measure on', text),
    limit: optional('--limit <n>', 'use the first n photographs only', integer(1)),
    perClass: optional(
      '--per-class <n>',
      'of each folder below --images the first n photographs (ImageNet’s layout)',
      integer(1),
    ),
    crops: defaulted(
      '--crops <n>',
      'crops of each photograph, the first the middle square',
      integer(1, 10_000),
      1,
    ),
    batch: defaulted('--batch <n>', 'images sampled at a time', integer(1, 1024), 16),
    judge: optional(
      '--judge <list>',
      'classifiers for the transfer cosine, as ID or ID:LAYER (default: another shipped one)',
      list(judge),
    ),
    inception: INCEPTION_OPTION,
    shard: optional('--shard <i/n>', 'measure the i-th of n parts; needs --out', shard),
    merge: flag('--merge', 'summarise the shards in the folders given instead of measuring'),
    ...SAMPLING_OPTIONS,
    ...QUEUE_OPTIONS,
  },
  writes: 'directory',
  examples: [
    'featinv evaluate --images photos',
    'featinv evaluate --images heldout --crops 2 --sampler ddim --steps 50 --out runs/evaluation',
    'featinv evaluate --images imagenet/val --per-class 10 --shard 1/4 --out runs/part-1',
    'featinv evaluate --images imagenet/val --queue redis://queue:6379 --storage /mnt/shared',
    'featinv evaluate --merge runs/part-1 runs/part-2 runs/part-3 runs/part-4 --out runs/whole',
  ],
  async run({ args, options, context }) {
    const { out } = context.common;
    if (options.merge) {
      if (options.images !== undefined || options.shard !== undefined) {
        throw new InputError(
          '--merge takes the folders of shards only, without --images or --shard',
        );
      }
      if (args.length === 0) throw new InputError('--merge needs the folders of all shards');
      const directory = out === undefined ? undefined : await context.outputDirectory(out);
      const stores: EvaluationStore[] = [];
      for (const folder of args) stores.push(await EvaluationStore.read(folder));
      await finish(joinStores(stores), directory, context);
      return;
    }
    if (args.length > 0) {
      throw new InputError(`${args[0]}: folders are given with --merge, photographs with --images`);
    }
    if (options.images === undefined) {
      throw new InputError('--images <dir> is missing: the folder of photographs to measure on');
    }
    if (options.shard !== undefined && options.queue !== undefined) {
      throw new InputError('--queue shares all parts among its workers: leave --shard out');
    }
    if (options.shard !== undefined && out === undefined) {
      throw new InputError('--shard needs --out: the folder that --merge reads afterwards');
    }
    const given = { ...options, images: options.images };
    await withHelpers(options, context, async (helpers) => {
      if (out !== undefined) {
        const directory = await context.outputDirectory(out);
        await measure(given, directory, directory, context, helpers);
        return;
      }
      await measure(given, await context.temporaryDirectory(), undefined, context, helpers);
    });
  },
});

type Options = Parameters<typeof samplingOf>[1] &
  QueueChoice & {
    readonly images: string;
    readonly limit: number | undefined;
    readonly perClass: number | undefined;
    readonly crops: number;
    readonly batch: number;
    readonly judge: EvaluationRequest['judges'][number][] | undefined;
    readonly inception: string | undefined;
    readonly shard: EvaluationRequest['shard'];
  };

/** Keeps its records in `records`, and writes the result to `directory`. */
async function measure(
  options: Options,
  records: string,
  directory: string | undefined,
  context: CommandContext,
  helpers: Helpers | undefined,
): Promise<void> {
  const { model, seed = DEFAULT_SEED } = context.common;
  const { session } = context;
  const photographs = await choosePhotographs(options.images, options);
  const inverter = await openInverter(context);
  const sampling = samplingOf(inverter, options);
  tellMemory(context, inverter, options.batch, sampling);
  const { backbone } = inverter.config;
  const images = photographs.files.length * options.crops;
  const part = options.shard ? Math.ceil(images / options.shard.count) : images;
  const progress = context.progress('evaluate', { total: part, unit: 'images' });
  if (!helpers) {
    context.keep(
      directory === undefined
        ? 'nothing is kept without --out'
        : `what is measured so far is in ${directory}; the same command goes on`,
    );
  }
  let done = 0;
  const seen = new Set<string>();
  const batches = await evaluateInverter(
    inverter,
    {
      photographs,
      crops: options.crops,
      seed,
      batchSize: options.batch,
      sampling,
      judges: options.judge ?? [await defaultJudge(backbone)],
      inception: findInceptionWeights(options.inception),
      shard: options.shard,
    },
    {
      ...{ directory: records, session },
      onStep: (step, steps) => progress.update(done, `step ${step}/${steps}`),
      onProgress: (count) => progress.update((done = count)),
      onFailure: (error) => {
        if (!seen.has(error.message)) context.fail(error);
        seen.add(error.message);
      },
      ...(helpers && {
        elsewhere: (store: EvaluationStore) =>
          measureElsewhere(helpers, store, photographs, model, (images) => progress.update(images)),
      }),
    },
  );
  await inverter.dispose();
  progress.finish();
  if (batches) await finish(batches, directory, context);
}

async function finish(
  batches: readonly HeldBatch[],
  directory: string | undefined,
  context: CommandContext,
): Promise<void> {
  const report = reportEvaluation(batches);
  if (directory !== undefined) {
    const json = JSON.stringify(report, null, 2) + '\n';
    await writeAtomic(path.join(directory, 'evaluation.json'), json);
    const shown = await shownImages(batches);
    const pairs = shown.map(({ original, reconstruction }) => [original, reconstruction] as const);
    if (pairs.length > 0) await writePng(path.join(directory, 'reconstructions.png'), grid(pairs));
  }
  context.report(report, () => describeEvaluation(report, directory));
}

/** `ID` or `ID:LAYER`. */
function judge(value: string, flagName: string): EvaluationRequest['judges'][number] {
  const [, backbone, layer] = /^(.+?)(?::([^:\\/]+))?$/.exec(text(value, flagName)) ?? [];
  return { backbone: backbone!, layer };
}

/** Rows of originals, each above the row of its reconstructions. */
function grid(pairs: readonly (readonly [RgbImage, RgbImage])[]): RgbImage {
  const columns = Math.min(GRID_COLUMNS, pairs.length);
  const { width, height, data } = pairs[0]![0];
  const blank = { width, height, data: new Uint8Array(data.length).fill(255) };
  const cells: RgbImage[] = [];
  for (let start = 0; start < pairs.length; start += columns) {
    for (const row of [0, 1] as const) {
      for (let i = start; i < start + columns; i++) cells.push(pairs[i]?.[row] ?? blank);
    }
  }
  return imageGrid(cells, columns);
}
