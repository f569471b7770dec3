import path from 'node:path';
import type { Prediction } from '../../backbones/index.js';
import { topPredictions } from '../../backbones/index.js';
import { InputError } from '../../errors.js';
import { listImages } from '../../images/list-images.js';
import { writePng } from '../../images/png.js';
import type { Inverter } from '../../inversion/inverter.js';
import { readFeatureMap } from '../../inversion/read-feature-map.js';
import {
  logitsOfMap,
  reconstructSight,
  SAMPLES_AT_ONCE,
  seePictures,
  type ComparedReconstruction,
  type Sight,
} from '../../inversion/reconstruct-picture.js';
import type { SamplingDefaults } from '../../inversion/inverter-config.js';
import { defaulted, defineCommand, optional } from '../command.js';
import type { CommandContext } from '../context.js';
import { openInverter, tellMemory } from '../open-inverter.js';
import { integer, text } from '../option-parsers.js';
import { fileNamePart, uniqueStems } from '../output-names.js';
import { SAMPLING_OPTIONS, samplingOf } from '../sampling-options.js';
import { shortLabel } from '../short-label.js';
import { formatTable } from '../table.js';

/** One input's result. Cosine and classes are those of the first sample; `samples` has all. */
interface ReconstructRecord {
  readonly image: string;
  readonly outputs: readonly string[];
  readonly cosine: { readonly mean: number; readonly median: number };
  readonly top1: { readonly original: string | null; readonly reconstruction: string };
  readonly top5Match: boolean | null;
  readonly seconds: number;
  readonly samples: readonly SampleRecord[];
}

interface SampleRecord {
  readonly output: string;
  readonly seed: number;
  readonly cosine: { readonly mean: number; readonly median: number };
  readonly top5: readonly Prediction[];
  readonly top5Match: boolean | null;
}

/** A picture or a stored map, and the name of what is written for it. */
interface Source {
  readonly file: string;
  readonly stem: string;
  readonly see: () => Promise<Sight>;
}

export const command = defineCommand({
  description:
    'Shows what a classifier kept of a picture: natural pictures sampled so that their own feature map ' +
    'aligns with the picture’s. Writes OUT/<name>.<model>.<seed>.png (default OUT: out). The numbers ' +
    'are cosines over channels per position, and the first class of the original and of the ' +
    'reconstruction. A folder stands for the pictures in it; with --features a stored map takes the ' +
    'place of pictures. With several samples, numbers are those of the first; --json has all.',
  positionals: '[images...]',
  options: {
    ...SAMPLING_OPTIONS,
    samples: defaulted(
      '--samples <n>',
      'pictures for each input; sample k uses seed + k (seed: 100)',
      integer(1, 1000),
      1,
    ),
    features: optional(
      '--features <file.safetensors>',
      'a map that `featinv features` wrote, in place of pictures',
      text,
    ),
  },
  writes: 'directory',
  examples: [
    'featinv reconstruct my.jpg',
    'featinv reconstruct my.jpg --samples 4 --steps 50 --sampler ddim --out pictures',
    'featinv reconstruct --features map.safetensors --model lite0-7x7 --json',
  ],
  async run({ args, options, context }) {
    checkInputs(args, options.features);
    const directory = await context.outputDirectory('out');
    const inverter = await openInverter(context);
    const sampling = samplingOf(inverter, options);
    tellMemory(context, inverter, Math.min(options.samples, SAMPLES_AT_ONCE), sampling);
    const sources =
      options.features === undefined
        ? pictureSources(inverter, (await context.eachInput(args, listImages)).flat())
        : [mapSource(inverter, options.features, context.session)];
    const records = await reconstructAll(inverter, sources, {
      context,
      directory,
      samples: options.samples,
      sampling,
    });
    await inverter.dispose();
    context.report(records, () => table(records));
  },
});

function checkInputs(images: readonly string[], features: string | undefined): void {
  if (images.length === 0 && features === undefined) {
    throw new InputError(
      'nothing to reconstruct: give pictures or folders, or --features with a stored map',
    );
  }
  if (images.length > 0 && features !== undefined) {
    throw new InputError('--features takes the place of pictures: give one or the other');
  }
}

function pictureSources(inverter: Inverter, files: readonly string[]): Source[] {
  const stems = uniqueStems(files);
  return files.map((file, i) => ({
    file,
    stem: stems[i]!,
    see: async () => {
      const [sight] = await seePictures(inverter, [await inverter.prepare(file)]);
      return sight!;
    },
  }));
}

function mapSource(
  inverter: Inverter,
  file: string,
  options: Parameters<typeof logitsOfMap>[2],
): Source {
  return {
    file,
    stem: path.parse(file).name,
    see: async () => {
      const map = readFeatureMap(file, inverter.config);
      return { map, logits: await logitsOfMap(inverter, map, options) };
    },
  };
}

async function reconstructAll(
  inverter: Inverter,
  sources: readonly Source[],
  options: {
    context: CommandContext;
    directory: string;
    samples: number;
    sampling: SamplingDefaults;
  },
): Promise<ReconstructRecord[]> {
  const { context, directory, samples, sampling } = options;
  const progress = context.progress('reconstruct', { total: sources.length, unit: 'images' });
  const { seed } = context.common;
  const records = await context.eachInput(sources, async ({ file, stem, see }, index) => {
    const started = performance.now();
    const original = await see();
    const made = await reconstructSight(inverter, original, {
      samples,
      seed,
      sampling,
      onStep: ({ done, steps }) => progress.update(index, `step ${done}/${steps}`),
    });
    const outputs = made.map(({ seed }) =>
      path.join(directory, `${stem}.${fileNamePart(inverter.config.name)}.${seed}.png`),
    );
    for (const [i, { image }] of made.entries()) await writePng(outputs[i]!, image);
    progress.update(index + 1);
    const seconds = (performance.now() - started) / 1000;
    return record(inverter, file, original, made, outputs, seconds);
  });
  progress.finish();
  return records;
}

function record(
  inverter: Inverter,
  image: string,
  original: Sight,
  made: readonly ComparedReconstruction[],
  outputs: readonly string[],
  seconds: number,
): ReconstructRecord {
  const samples = made.map(({ seed, cosine, top5, top5Match }, i): SampleRecord => ({
    output: outputs[i]!,
    seed,
    cosine,
    top5,
    top5Match,
  }));
  const { cosine, top5, top5Match } = samples[0]!;
  const { labels } = inverter.backbone;
  const label = original.logits && topPredictions(original.logits, labels, 1)[0]!.label;
  return {
    image,
    outputs,
    cosine,
    top1: { original: label, reconstruction: top5[0]!.label },
    top5Match,
    seconds,
    samples,
  };
}

function table(records: readonly ReconstructRecord[]): string {
  if (records.length === 0) return '';
  const rows = records.map(({ image, outputs, cosine, top1, top5Match, seconds }) => [
    image,
    cosine.mean.toFixed(3),
    cosine.median.toFixed(3),
    top1.original === null ? 'unknown' : shortLabel(top1.original),
    shortLabel(top1.reconstruction),
    top5Match === null ? 'unknown' : top5Match ? 'yes' : 'no',
    seconds.toFixed(1),
    outputs[0]! + (outputs.length > 1 ? ` and ${outputs.length - 1} more` : ''),
  ]);
  const header = [
    'picture',
    'cosine',
    'median',
    'top-1 original',
    'top-1 reconstruction',
    'top 5',
    's',
    'written',
  ];
  return formatTable(header, rows);
}
