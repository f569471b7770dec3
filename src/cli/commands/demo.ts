import os from 'node:os';
import path from 'node:path';
import { writeAtomic } from '../../files.js';
import { listImages } from '../../images/list-images.js';
import { readImage } from '../../images/read-image.js';
import { DEFAULT_SEED } from '../../inversion/inverter.js';
import { DEFAULT_INVERTER, listInverters } from '../../inversion/inverter-catalogue.js';
import { packageRoot } from '../../package-root.js';
import { renderDemoPage } from '../../report/index.js';
import { MAX_SEED } from '../common-options.js';
import { defaulted, defineCommand, flag } from '../command.js';
import { demoPageOf, modelLabel } from '../demo/demo-page-of.js';
import { reconstructPhotographs, type ModelResult } from '../demo/reconstruct-photographs.js';
import { integer } from '../option-parsers.js';
import { shortLabel } from '../short-label.js';
import { formatTable } from '../table.js';

const PHOTOGRAPHS = 8;

export const command = defineCommand({
  description:
    'Reconstructs the shipped photographs, which no model was trained on, with the default inverter ' +
    'and beside it with the other shipped ones; prints how well the features agree and writes a page ' +
    'with all pictures, OUT/index.html (default OUT: out/demo).',
  options: {
    samples: defaulted(
      '--samples <n>',
      'pictures of each photograph by the leading model, one a seed',
      integer(1, 16),
      3,
    ),
    alone: flag('--alone', 'the leading model only'),
  },
  writes: 'directory',
  examples: ['featinv demo', 'featinv demo --model lite0-7x7 --samples 5 --out out/seven'],
  async run({ options, context }) {
    const { model, threads, seed = DEFAULT_SEED } = context.common;
    const directory = await context.outputDirectory(path.join('out', 'demo'));
    context.keep('the page is written in the end, nothing of it yet; give the command again');
    const leading = model ?? DEFAULT_INVERTER;
    const others = options.alone ? [] : (await listInverters()).filter((name) => name !== leading);
    const files = (await listImages(path.join(packageRoot(), 'photos'))).slice(0, PHOTOGRAPHS);
    const photographs = await Promise.all(files.map(readImage));
    const seeds = Array.from({ length: options.samples }, (_, k) => (seed + k) % (MAX_SEED + 1));

    const total = photographs.length * (seeds.length + others.length);
    const progress = context.progress('demo', { total, unit: 'pictures' });
    const results: ModelResult[] = [];
    let sampled = 0;
    // Since the process began; all photographs are sampled at once.
    let firstReconstruction: number | undefined;
    const reconstruct = async (name: string, ownSeeds: readonly number[]): Promise<ModelResult> => {
      const result = await reconstructPhotographs(name, ownSeeds, {
        photographs,
        session: context.session,
        onProgress: (done, step, steps) => {
          if (step === steps) firstReconstruction ??= performance.now() / 1000;
          const begun = Math.floor((photographs.length * step) / steps);
          progress.update(sampled + done + begun, `${path.basename(name)}, step ${step}/${steps}`);
        },
      });
      sampled += ownSeeds.length * photographs.length;
      return result;
    };
    const first = await reconstruct(leading, seeds);
    for (const name of others) results.push(await reconstruct(name, seeds.slice(0, 1)));
    progress.update(total);
    progress.finish();

    const page = path.join(directory, 'index.html');
    const names = files.map((file) => path.parse(file).name.replaceAll('-', ' '));
    const models = [first, ...results] as const;
    const seconds = performance.now() / 1000;
    const data = await demoPageOf(models, names, {
      seconds,
      threads: threads ?? os.availableParallelism(),
      commands: ['npm start', `npx featinv reconstruct ${relative(files[0]!)}`],
    });
    await writeAtomic(page, renderDemoPage(data));
    const report = { page, seconds, firstReconstruction, models: models.map(summary(files)) };
    context.report(report, () =>
      [
        photographTable(names, first),
        '',
        ...(results.length > 0 ? [modelTable(models), ''] : []),
        `first reconstructions after ${firstReconstruction?.toFixed(1)} s, everything after ${seconds.toFixed(1)} s`,
        `the page with all pictures: ${page}`,
        'try your own picture:       npx featinv reconstruct my.jpg',
      ].join('\n'),
    );
  },
});

const relative = (file: string): string => path.relative(packageRoot(), file);

/** The JSON of one model. */
const summary =
  (files: readonly string[]) =>
  ({ config, photographs }: ModelResult): Record<string, unknown> => ({
    model: config.name,
    ...{ backbone: config.backbone, layer: config.layer, pooled: config.pooled },
    sampling: config.sampling,
    photographs: photographs.map(({ top5, comparison, samples, seconds }, i) => ({
      image: relative(files[i]!),
      seeds: samples.map(({ seed }) => seed),
      cosine: comparison.cosine,
      top1: { original: top5[0]!.label, reconstruction: comparison.top5[0]!.label },
      top5Match: comparison.top5Match,
      seconds,
    })),
  });

function photographTable(names: readonly string[], { config, photographs }: ModelResult): string {
  const rows = photographs.map(({ top5, comparison, seconds }, i) => [
    names[i]!,
    comparison.cosine.mean.toFixed(3),
    comparison.cosine.median.toFixed(3),
    shortLabel(top5[0]!.label),
    shortLabel(comparison.top5[0]!.label),
    comparison.top5Match ? 'yes' : 'no',
    seconds.toFixed(2),
  ]);
  const header = [
    'cosine',
    'median',
    'top-1 of photograph',
    'top-1 of reconstruction',
    'top 5',
    's',
  ];
  return formatTable([config.name, ...header], rows);
}

function modelTable(models: readonly ModelResult[]): string {
  const rows = models.map(({ config, photographs }) => {
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const kept = photographs.filter(({ comparison }) => comparison.top5Match).length;
    return [
      config.name,
      modelLabel(config),
      mean(photographs.map(({ comparison }) => comparison.cosine.mean)).toFixed(3),
      `${kept} of ${photographs.length}`,
    ];
  });
  return formatTable(['model', 'reads', 'mean cosine', 'first class among five'], rows);
}
