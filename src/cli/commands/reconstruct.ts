import path from 'node:path';
import { InputError } from '../../errors.js';
import { writeAtomic } from '../../files.js';
import { listImages } from '../../images/list-images.js';
import { DEFAULT_SEED, type Inverter } from '../../inversion/inverter.js';
import { readFeatureMap } from '../../inversion/read-feature-map.js';
import {
  logitsOfMap,
  SAMPLES_AT_ONCE,
  seePictures,
  type Sight,
} from '../../inversion/reconstruct-picture.js';
import {
  reconstructToFiles,
  type ReconstructedFile,
  type ReconstructedSample,
} from '../../inversion/reconstruct-to-files.js';
import type { SamplingDefaults } from '../../inversion/inverter-config.js';
import { collectReconstructions, planReconstruction } from '../../work/index.js';
import { defaulted, defineCommand, optional } from '../command.js';
import type { CommandContext } from '../context.js';
import { openInverter, tellMemory } from '../open-inverter.js';
import { integer, text } from '../option-parsers.js';
import { fileNamePart, uniqueStems } from '../output-names.js';
import { QUEUE_OPTIONS } from '../queue-options.js';
import { withHelpers, type Helpers } from '../submit-work.js';
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

interface SampleRecord extends ReconstructedSample {
  readonly output: string;
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
    ...QUEUE_OPTIONS,
  },
  writes: 'directory',
  examples: [
    'featinv reconstruct my.jpg',
    'featinv reconstruct my.jpg --samples 4 --steps 50 --sampler ddim --out pictures',
    'featinv reconstruct photos --queue redis://queue:6379 --storage /mnt/shared',
    'featinv reconstruct --features map.safetensors --model lite0-7x7 --json',
  ],
  async run({ args, options, context }) {
    checkInputs(args, options.features);
    if (options.features !== undefined && options.queue !== undefined) {
      throw new InputError('--queue shares pictures among workers: leave --features out');
    }
    const directory = await context.outputDirectory('out');
    await withHelpers(options, context, async (helpers) => {
      const inverter = await openInverter(context);
      const sampling = samplingOf(inverter, options);
      tellMemory(context, inverter, Math.min(options.samples, SAMPLES_AT_ONCE), sampling);
      const all = { context, directory, samples: options.samples, sampling };
      const files = (await context.eachInput(args, listImages)).flat();
      const records =
        options.features !== undefined
          ? await reconstructAll(
              inverter,
              [mapSource(inverter, options.features, context.session)],
              all,
            )
          : helpers
            ? await reconstructElsewhere(inverter, files, helpers, all)
            : await reconstructAll(inverter, pictureSources(inverter, files), all);
      await inverter.dispose();
      if (records) context.report(records, () => table(records));
    });
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

interface ReconstructionOptions {
  readonly context: CommandContext;
  readonly directory: string;
  readonly samples: number;
  readonly sampling: SamplingDefaults;
}

async function reconstructAll(
  inverter: Inverter,
  sources: readonly Source[],
  { context, directory, samples, sampling }: ReconstructionOptions,
): Promise<ReconstructRecord[]> {
  const progress = context.progress('reconstruct', { total: sources.length, unit: 'images' });
  const { seed } = context.common;
  context.keepDone(0, sources.length, directory);
  const records = await context.eachInput(sources, async ({ file, stem, see }, index) => {
    const outputOf = outputsOf(inverter, directory, stem);
    const made = await reconstructToFiles(inverter, see, outputOf, {
      ...{ samples, seed, sampling },
      onStep: ({ done, steps }) => progress.update(index, `step ${done}/${steps}`),
    });
    progress.update(index + 1);
    context.keepDone(index + 1, sources.length, directory);
    return record(file, made, outputOf);
  });
  progress.finish();
  return records;
}

/** Undefined where Ctrl-C ended the wait for others. */
async function reconstructElsewhere(
  inverter: Inverter,
  files: readonly string[],
  { storage, complete }: Helpers,
  { context, directory, samples, sampling }: ReconstructionOptions,
): Promise<ReconstructRecord[] | undefined> {
  if (files.length === 0) return [];
  const stems = uniqueStems(files);
  const { seed = DEFAULT_SEED } = context.common;
  const progress = context.progress('reconstruct', { total: files.length, unit: 'images' });
  const records = new Map<number, ReconstructRecord | undefined>();
  const isDone = await complete(
    'reconstruction',
    await planReconstruction(storage, inverter, files, { sampling, samples, seed }),
    (shared) => {
      const missing = [...files.keys()].filter((unit) => !records.has(unit));
      return collectReconstructions(storage, shared, files, missing, async (unit, made) => {
        if ('error' in made) {
          context.fail(new InputError(made.error));
          records.set(unit, undefined);
          return;
        }
        const outputOf = outputsOf(inverter, directory, stems[unit]!);
        for (const [own, picture] of made.pictures) await writeAtomic(outputOf(own), picture);
        records.set(unit, record(files[unit]!, made.record, outputOf));
      });
    },
    (done) => progress.update(done),
  );
  progress.finish();
  if (!isDone) return undefined;
  return [...files.keys()].flatMap((unit) => records.get(unit) ?? []);
}

/** Where a picture's sample goes, by seed. */
const outputsOf =
  ({ config }: Inverter, directory: string, stem: string) =>
  (seed: number): string =>
    path.join(directory, `${stem}.${fileNamePart(config.name)}.${seed}.png`);

function record(
  image: string,
  { top1, samples: made, seconds }: ReconstructedFile,
  outputOf: (seed: number) => string,
): ReconstructRecord {
  const samples = made.map(({ seed, ...rest }) => ({ output: outputOf(seed), seed, ...rest }));
  const { cosine, top5, top5Match } = samples[0]!;
  return {
    image,
    outputs: samples.map(({ output }) => output),
    cosine,
    top1: { original: top1, reconstruction: top5[0]!.label },
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
