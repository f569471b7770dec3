import path from 'node:path';
import { DEFAULT_BACKBONE, listBackbones } from '../../backbones/index.js';
import {
  imagesOfCrops,
  InverterSubject,
  measureImages,
  summariseEvaluation,
  TransferMeter,
  type EvaluationImages,
  type EvaluationRecord,
  type EvaluationSummary,
  type MeasuredPictures,
  type TransferCosine,
} from '../../evaluation/index.js';
import { writeAtomic } from '../../files.js';
import { heldOutCrops } from '../../images/crops.js';
import { imageGrid } from '../../images/grid.js';
import { listImages } from '../../images/list-images.js';
import { writePng } from '../../images/png.js';
import type { RgbImage } from '../../images/rgb-image.js';
import { DEFAULT_SEED, loadInverter, type Inverter } from '../../inversion/inverter.js';
import type { SamplingDefaults } from '../../inversion/inverter-config.js';
import type { SessionOptions } from '../../runtime/session.js';
import { Random } from '../../random.js';
import { defaulted, defineCommand, optional, required } from '../command.js';
import type { CommandContext } from '../context.js';
import { integer, text } from '../option-parsers.js';
import { describeSampling, SAMPLING_OPTIONS, samplingOf } from '../sampling-options.js';

/** Pictures in the grid: originals in one row, their reconstructions below. */
const GRID_COLUMNS = 16;
const GRID_PICTURES = 64;

interface Evaluation extends EvaluationSummary {
  readonly transferCosine: TransferCosine;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  readonly secondsPerImage: number;
}

export const command = defineCommand({
  description:
    'Measures an inverter on photographs: cosines between the map of each original and of its ' +
    'reconstruction; beside them the floor (another random image) and the ceiling (the autoencoder’s ' +
    'round trip), and how much of the gap between them is closed. Brackets hold 95 % bootstrap ' +
    'intervals over images. With --out writes evaluation.json and a grid of pictures.',
  options: {
    images: required('--images <dir>', 'photographs to measure on', text),
    limit: optional('--limit <n>', 'use the first n photographs only', integer(1)),
    crops: defaulted(
      '--crops <n>',
      'crops of each photograph, the first the middle square',
      integer(1, 10_000),
      1,
    ),
    batch: defaulted('--batch <n>', 'images sampled at a time', integer(1, 1024), 16),
    ...SAMPLING_OPTIONS,
  },
  writes: 'directory',
  examples: [
    'featinv evaluate --images photos',
    'featinv evaluate --images heldout --crops 2 --sampler ddim --steps 50 --out runs/evaluation',
  ],
  async run({ options, context }) {
    const started = performance.now();
    const { model, threads, device, out, seed = DEFAULT_SEED } = context.common;
    const directory = out === undefined ? undefined : await context.outputDirectory(out);
    const session = { threads, device };
    const inverter = await loadInverter(model, session);
    const sampling = samplingOf(inverter, options);
    const images = await readCrops(inverter, options, seed, context);
    const measured = await measure(inverter, images, {
      ...{ seed, session, sampling, context },
      batchSize: options.batch,
    });
    const seconds = (performance.now() - started) / 1000;
    const evaluation: Evaluation = {
      ...summariseEvaluation(measured.records, seed),
      transferCosine: measured.transferCosine,
      settings: {
        model: inverter.config.name,
        backbone: inverter.config.backbone,
        layer: inverter.config.layer,
        pooled: inverter.config.pooled,
        sampling,
        ...{ seed, images: options.images, limit: options.limit ?? null },
        ...{ crops: options.crops, batch: options.batch },
      },
      seconds,
      secondsPerImage: seconds / images.count,
    };
    if (directory !== undefined) {
      const json = JSON.stringify(evaluation, null, 2) + '\n';
      await writeAtomic(path.join(directory, 'evaluation.json'), json);
      await writePng(path.join(directory, 'reconstructions.png'), grid(measured.shown));
    }
    context.report(evaluation, () => describe(evaluation, inverter, directory));
  },
});

/** The crops of all photographs that can be read; the others are reported. */
async function readCrops(
  inverter: Inverter,
  options: { images: string; limit: number | undefined; crops: number },
  seed: number,
  context: CommandContext,
): Promise<EvaluationImages> {
  const files = (await listImages(options.images)).slice(0, options.limit);
  const random = new Random(seed);
  const photographs = await context.eachInput(files, async (file, index) => {
    const own = random.fork(`crops of photograph ${index}`).int(2 ** 32);
    return { file, crops: await heldOutCrops([file], options.crops, inverter.imageSize, own) };
  });
  return imagesOfCrops(photographs);
}

interface MeasureSettings {
  readonly seed: number;
  readonly batchSize: number;
  readonly session: SessionOptions;
  readonly sampling: SamplingDefaults;
  readonly context: CommandContext;
}

async function measure(
  inverter: Inverter,
  images: EvaluationImages,
  { seed, batchSize, session, sampling, context }: MeasureSettings,
): Promise<{
  records: EvaluationRecord[];
  shown: [original: RgbImage, reconstruction: RgbImage][];
  transferCosine: TransferCosine;
}> {
  const records: EvaluationRecord[] = [];
  const shown: [RgbImage, RgbImage][] = [];
  const progress = context.progress('evaluate', { total: images.count, unit: 'images' });
  const subject = await InverterSubject.open(inverter, {
    ...{ sampling, session },
    onStep: (done, steps) => progress.update(records.length, `step ${done}/${steps}`),
  });
  const transfer = await openTransferMeter(inverter, session);
  const observe = async (batch: MeasuredPictures): Promise<void> => {
    await transfer.add(batch);
    const pairs = batch.originals.map((image, i): [RgbImage, RgbImage] => [
      image,
      batch.reconstructions[i]!,
    ]);
    shown.push(...pairs.slice(0, GRID_PICTURES - shown.length));
  };
  for await (const record of measureImages(subject, images, { seed, batchSize, observe })) {
    records.push(record);
    progress.update(records.length);
  }
  progress.finish();
  const transferCosine = transfer.result();
  await Promise.all([transfer.dispose(), subject.dispose(), inverter.dispose()]);
  return { records, shown, transferCosine };
}

/** The default backbone judges the others' inverters, the next shipped one judges its own. */
async function openTransferMeter(
  inverter: Inverter,
  session: SessionOptions,
): Promise<TransferMeter> {
  const others = (await listBackbones()).filter(({ id }) => id !== inverter.config.backbone);
  const judge = others.find(({ id }) => id === DEFAULT_BACKBONE) ?? others[0]!;
  return TransferMeter.open(judge.id, judge.defaultLayer, inverter.imageSize, session);
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

function describe(
  evaluation: Evaluation,
  inverter: Inverter,
  directory: string | undefined,
): string {
  const { cosine, floor, ceiling, intervals, transferCosine } = evaluation;
  const number = (value: number): string => value.toFixed(3);
  const interval = ({ low, high }: { low: number; high: number }): string =>
    `[${number(low)}, ${number(high)}]`;
  const share = (value: number, { low, high }: { low: number; high: number }): string =>
    `${percent(value)} [${percent(low)}, ${percent(high)}]`;
  const { sampling } = evaluation.settings as { sampling: SamplingDefaults };
  const lines = [
    ['model', `${inverter.config.name} (${describeSampling(sampling)})`],
    ['images', String(evaluation.images)],
    ['cosine', `mean ${number(cosine.mean)} ${interval(intervals.cosine)}`],
    ['', `median ${number(cosine.median)}, 5 % below ${number(cosine.q05)}`],
    ['', `floor ${number(floor.cosine)}, ceiling ${number(ceiling.cosine)}`],
    ['gap closed', `${number(evaluation.gapClosed)} ${interval(intervals.gapClosed)}`],
    ['top-1 match', share(evaluation.top1Match, intervals.top1Match)],
    ['top-5 match', share(evaluation.top5Match, intervals.top5Match)],
    ['Fréchet', evaluation.frechet === null ? 'needs two images' : number(evaluation.frechet)],
    [
      'transfer',
      `cosine ${number(transferCosine.cosine)}, floor ${number(transferCosine.floor)}, ceiling ` +
        `${number(transferCosine.ceiling)} at ${transferCosine.layer} of ${transferCosine.backbone}`,
    ],
    [
      'time',
      `${evaluation.seconds.toFixed(1)} s, ${evaluation.secondsPerImage.toFixed(2)} s per image`,
    ],
    ...(directory === undefined ? [] : [['written', directory]]),
  ] as [string, string][];
  return lines.map(([name, value]) => `${name.padEnd(12)} ${value}`).join('\n');
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
