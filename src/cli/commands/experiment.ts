import path from 'node:path';
import {
  experimentName,
  readExperiment,
  resultsCsv,
  resultsJson,
  runExperiment,
  type Experiment,
} from '../../experiments/index.js';
import { InputError } from '../../errors.js';
import { writeAtomic } from '../../files.js';
import { findInceptionWeights } from '../../evaluation/fid/index.js';
import { nearest } from '../../nearest.js';
import { renderExperimentPage } from '../../report/index.js';
import { defineCommand, optional } from '../command.js';
import { INCEPTION_OPTION } from '../evaluation/inception-option.js';
import { measureElsewhere } from '../evaluation/measure-elsewhere.js';
import { experimentPageOf, resultTable } from '../experiment/experiment-page-of.js';
import { integer, list, text } from '../option-parsers.js';
import { QUEUE_OPTIONS } from '../queue-options.js';
import { withHelpers } from '../submit-work.js';
import { formatTable } from '../table.js';

export const command = defineCommand({
  description:
    'Runs a declared grid of evaluations (models × images × alterations × sampling × seeds) and writes ' +
    'OUT/report.html, results.csv and results.json (default OUT: runs/experiments/NAME). Cells that are ' +
    'done are not measured again: a stopped run goes on. The same run gives the same results.json.',
  positionals: '<file>',
  options: {
    images: optional(
      '--images <list>',
      'folders in place of the file’s, as NAME=DIR',
      list(replacement),
    ),
    cells: optional(
      '--cells <dir>',
      'where measured cells are kept and looked for, to share them (default: OUT/cells)',
      text,
    ),
    inception: INCEPTION_OPTION,
    limit: optional('--limit <n>', 'use the first n photographs of each set only', integer(1)),
    ...QUEUE_OPTIONS,
  },
  writes: 'directory',
  examples: [
    'featinv experiment experiments/models.json',
    'featinv experiment experiments/models.json --images "held-out=imagenet/val" --out runs/imagenet',
    'featinv experiment experiments/models.json --queue redis://queue:6379 --storage /mnt/shared',
  ],
  async run({ args: [file], options, context }) {
    const { seed, model } = context.common;
    const declared = await readExperiment(file!);
    const experiment = replaced(declared, file!, {
      ...{ images: options.images, limit: options.limit, seed, model },
    });
    const directory = await context.outputDirectory(
      path.join('runs', 'experiments', experimentName(file!)),
    );
    context.keep(`what is measured so far is in ${directory}; the same command goes on`);
    const progress = context.progress('experiment', { unit: 'cells' });
    const cells = await withHelpers(options, context, (helpers) =>
      runExperiment(experiment, {
        cells: options.cells ?? path.join(directory, 'cells'),
        inception: findInceptionWeights(options.inception),
        session: context.session,
        onCell: (done, total, coordinates) => {
          const { model: name, ...rest } = coordinates;
          progress.update(done, `of ${total}: ${String(name)} ${JSON.stringify(rest)}`);
        },
        elsewhere:
          helpers &&
          (({ photographs, model: { directory: folder } }, store) =>
            measureElsewhere(helpers, store, photographs, folder, () => undefined)),
      }),
    );
    progress.finish();
    // Others measure what is missing: they were followed no longer.
    if (cells === undefined) return;
    for (const message of new Set(cells.flatMap(({ unreadable }) => unreadable))) {
      context.fail(new InputError(message));
    }
    const page = await experimentPageOf(experiment, cells, [`npx featinv experiment ${file!}`]);
    const results = resultsJson(experiment, cells);
    const at = (name: string): string => path.join(directory, name);
    await writeAtomic(at('results.json'), `${JSON.stringify(results, null, 2)}\n`);
    await writeAtomic(at('results.csv'), resultsCsv(cells));
    await writeAtomic(at('report.html'), renderExperimentPage(page));
    const { columns, rows } = resultTable(cells);
    context.report({ directory, report: at('report.html'), ...(results as object) }, () =>
      [formatTable(columns, rows), '', `the report: ${at('report.html')}`].join('\n'),
    );
  },
});

interface Replacements {
  readonly images: readonly { readonly name: string; readonly path: string }[] | undefined;
  readonly limit: number | undefined;
  readonly seed: number | undefined;
  readonly model: string | undefined;
}

/** The experiment with what the command line gives in place of the file's. */
function replaced(
  experiment: Experiment,
  file: string,
  { images = [], limit, seed, model }: Replacements,
): Experiment {
  const names = experiment.images.map(({ name }) => name);
  for (const { name } of images) {
    if (names.includes(name)) continue;
    const near = nearest(name, names);
    const hint = near === undefined ? names.join(', ') : `did you mean "${near}"?`;
    throw new InputError(`--images: ${file} has no images called "${name}" (${hint})`);
  }
  return {
    ...experiment,
    ...(seed !== undefined && { seeds: [seed] }),
    ...(model !== undefined && { models: [model] }),
    images: experiment.images.map((set) => ({
      ...set,
      ...images.find(({ name }) => name === set.name),
      ...(limit !== undefined && { limit }),
    })),
  };
}

/** `NAME=DIR` */
function replacement(value: string, flag: string): { name: string; path: string } {
  const [, name, folder] = /^([^=]+)=(.+)$/.exec(text(value, flag)) ?? [];
  if (name === undefined || folder === undefined) {
    throw new InputError(`${flag} must be NAME=DIR, such as held-out=photos, got "${value}"`);
  }
  return { name, path: folder };
}
