import path from 'node:path';
import { COMPOSITIONS, findComposition } from '../../composition/operations.js';
import { mix, type Mixed, type MixedFrame } from '../../composition/mix.js';
import { writeAtomic } from '../../files.js';
import { imageGrid } from '../../images/grid.js';
import { writePng } from '../../images/png.js';
import { readImage } from '../../images/read-image.js';
import { readRegion } from '../../images/region.js';
import { topIndices } from '../../metrics/index.js';
import { renderMixPage } from '../../report/index.js';
import { commandLine } from '../command-line.js';
import { defaulted, defineCommand, optional } from '../command.js';
import { followedClasses, mixPageOf, overSeeds } from '../mix/mix-page-of.js';
import { openInverter, tellMemory } from '../open-inverter.js';
import { choice, integer, steppedRange, text } from '../option-parsers.js';
import { packageVersion } from '../package-version.js';
import { describeSampling, SAMPLING_OPTIONS, samplingOf } from '../sampling-options.js';
import { shortLabel } from '../short-label.js';
import { formatTable } from '../table.js';

const OPERATIONS = COMPOSITIONS.map(({ name, summary }) => `${name} (${summary})`).join(', ');

const DEFAULT_ALPHAS = '0:1:0.1';

export const command = defineCommand({
  description:
    'Composes the feature maps of two or three pictures and draws the results, all from the same noise. ' +
    `Operations: ${OPERATIONS}. α leads from the first picture’s map away; paste changes only a region, ` +
    'which no pooled vector can. Writes the pictures, a film strip of them (rows: seeds, columns: α) and ' +
    'OUT/mix.html (default OUT: out/mix). The numbers are the mean cosines per position of each ' +
    'picture’s own map to the composed map and to the given pictures’ maps, and the first classes.',
  positionals: '<images...>',
  options: {
    alpha: optional(
      '--alpha <start:end:step>',
      `weights of the frames (default: ${DEFAULT_ALPHAS})`,
      steppedRange,
    ),
    op: defaulted(
      '--op <name>',
      'how maps are composed',
      choice(COMPOSITIONS.map((c) => c.name)),
      'lerp',
    ),
    region: optional(
      '--region <x,y,w,h|mask.png>',
      'change the map only there: shares of the middle square, or a mask (white: change)',
      text,
    ),
    samples: defaulted(
      '--samples <n>',
      'pictures of each frame; number k starts from seed + k (seed: 100)',
      integer(1, 1000),
      1,
    ),
    ...SAMPLING_OPTIONS,
  },
  writes: 'directory',
  examples: [
    'featinv mix photos/cat.jpg photos/red-panda.jpg',
    'featinv mix a.jpg b.jpg --op paste --region 0,0,0.5,1 --alpha 0:1:0.5 --samples 4',
    'featinv mix a.jpg b.jpg c.jpg --op arithmetic',
  ],
  async run({ args, options, context }) {
    const { model, seed } = context.common;
    const { alpha: alphas = steppedRange(DEFAULT_ALPHAS, '--alpha'), op, samples } = options;
    const first = await readImage(args[0]!);
    const region =
      options.region === undefined ? undefined : await readRegion(options.region, first);
    const directory = await context.outputDirectory(path.join('out', 'mix'));
    const inverter = await openInverter(context);
    const sampling = samplingOf(inverter, options);
    tellMemory(context, inverter, samples, sampling);
    const progress = context.progress('mix', { total: alphas.length, unit: 'frames' });
    const mixed = await mix(inverter, args, {
      op,
      alphas,
      region,
      samples,
      seed,
      sampling,
      session: context.session,
      onProgress: ({ done, step }) => progress.update(done, step),
    });
    progress.finish();
    await inverter.dispose();

    const outputs = await writePictures(directory, mixed);
    const { labels } = inverter.backbone;
    const names = args.map((file) => path.parse(file).name);
    const page = path.join(directory, 'mix.html');
    const range = [alphas[0], alphas.at(-1), alphas.length > 1 ? alphas[1]! - alphas[0]! : 1];
    const data = await mixPageOf(mixed, {
      title: names.join(' and '),
      operation: findComposition(op).summary,
      names,
      labels,
      settings: [
        ['Operation', op],
        ...(options.region === undefined ? [] : [['Region', options.region] as const]),
        ['Inverter', `${inverter.config.name}, ${describeSampling(sampling)}`],
        ['Seeds', mixed.seeds.join(', ')],
        ['featinv', packageVersion()],
      ],
      commands: [
        commandLine(['mix', ...args], {
          ...options,
          model,
          alpha: range.map((value) => Number(value!.toPrecision(12))).join(':'),
          seed,
        }),
      ],
    });
    await writeAtomic(page, renderMixPage(data));
    const record = {
      images: args,
      op,
      region: options.region ?? null,
      model: inverter.config.name,
      seeds: mixed.seeds,
      sampling,
      frames: mixed.frames.map((frame, i) => ({
        ...frameRecord(frame, outputs.pictures[i]!, labels),
        classes: followedClasses(mixed).map((index) => ({
          index,
          label: labels[index]!,
          predicted: frame.predicted?.[index] ?? null,
          measured: overSeeds(frame.samples, ({ probabilities }) => probabilities[index]!),
        })),
      })),
      strip: outputs.strip,
      page,
    };
    context.report(record, () =>
      [table(mixed, names, labels), '', `the page with all pictures: ${page}`].join('\n'),
    );
  },
});

async function writePictures(
  directory: string,
  { seeds, frames }: Mixed,
): Promise<{ strip: string; pictures: string[][] }> {
  const strip = path.join(directory, 'strip.png');
  const rows = seeds.flatMap((_, k) => frames.map(({ samples }) => samples[k]!.image));
  await writePng(strip, imageGrid(rows, frames.length));
  const pictures: string[][] = [];
  for (const [i, { samples }] of frames.entries()) {
    const files = samples.map(({ seed }) =>
      path.join(directory, `frame-${String(i).padStart(3, '0')}.${seed}.png`),
    );
    for (const [k, file] of files.entries()) await writePng(file, samples[k]!.image);
    pictures.push(files);
  }
  return { strip, pictures };
}

function top5(probabilities: Float64Array, labels: readonly string[]) {
  return topIndices(probabilities, 5).map((index) => ({
    index,
    label: labels[index]!,
    probability: probabilities[index]!,
  }));
}

function frameRecord(
  { alpha, predicted, samples }: MixedFrame,
  outputs: readonly string[],
  labels: readonly string[],
): Record<string, unknown> {
  return {
    alpha,
    predicted: predicted && top5(predicted, labels),
    samples: samples.map(({ seed, cosine, probabilities }, k) => ({
      output: outputs[k],
      seed,
      cosine,
      top5: top5(probabilities, labels),
    })),
  };
}

function table({ frames }: Mixed, names: readonly string[], labels: readonly string[]): string {
  const label = (probabilities: Float64Array): string =>
    shortLabel(labels[topIndices(probabilities, 1)[0]!]!);
  const rows = frames.map(({ alpha, predicted, samples }) => [
    String(Number(alpha.toFixed(6))),
    overSeeds(samples, ({ cosine }) => cosine.composed).toFixed(3),
    ...names.map((_, i) => overSeeds(samples, ({ cosine }) => cosine.parents[i]!).toFixed(3)),
    predicted === null ? 'unknown' : label(predicted),
    label(samples[0]!.probabilities),
  ]);
  const header = ['alpha', 'cosine', ...names.map((name) => `to ${name}`), 'predicted', 'seen'];
  return formatTable(header, rows);
}
