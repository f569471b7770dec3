import path from 'node:path';
import { readConcepts } from '../../concepts/concept-files.js';
import { readRegion } from '../../images/region.js';
import { checkSteering, steer } from '../../concepts/steer.js';
import { summariseSteering, type SteeringSummary } from '../../concepts/steering-summary.js';
import { readImage } from '../../images/read-image.js';
import { defaulted, defineCommand, optional, required } from '../command.js';
import { commandLine } from '../command-line.js';
import { openInverter, tellMemory } from '../open-inverter.js';
import { integer, list, real, text } from '../option-parsers.js';
import { packageVersion } from '../package-version.js';
import { describeSampling, SAMPLING_OPTIONS, samplingOf } from '../sampling-options.js';
import { shortLabel } from '../short-label.js';
import { writeSteering } from '../steer/write-steering.js';
import { formatTable } from '../table.js';

export const command = defineCommand({
  description:
    'Scales one concept of a picture’s feature map and draws pictures of each scale, all from the same ' +
    'noise: what changes is what the concept adds. Scale 0 takes it out, 1 changes nothing and is drawn ' +
    'in any case, 2 doubles it. Writes the pictures, a strip of them (rows: seeds, columns: scales), ' +
    'their mean differences to scale 1 and OUT/steer.html (default OUT: out/steer). The numbers are ' +
    'the concept’s mean activation in the steered map and in the pictures’ own maps, the gain (how much ' +
    'of the picture’s own part of the concept came back), the cosine of the two maps, the share of pixels that change significantly, and the class that changes most: as the ' +
    'rest of the classifier predicts it from the map, and as measured in the pictures.',
  positionals: '<image>',
  options: {
    concepts: required('--concepts <dir>', 'what `featinv concepts fit` wrote', text),
    concept: required('--concept <k>', 'number of the concept, from 0', integer(0)),
    scales: defaulted(
      '--scale <list>',
      'factors of the concept, separated by commas',
      list(real(-100, 100)),
      [0, 0.25, 1, 2],
    ),
    region: optional(
      '--region <x,y,w,h|mask.png>',
      'steer only there: shares of the picture’s middle square, or a mask (white: steer)',
      text,
    ),
    seeds: defaulted(
      '--seeds <n>',
      'pictures of each scale; number k starts from seed + k (seed: 100)',
      integer(1, 1000),
      8,
    ),
    ...SAMPLING_OPTIONS,
  },
  writes: 'directory',
  examples: [
    'featinv steer my.jpg --concepts out/concepts --concept 3',
    'featinv steer my.jpg --concepts out/concepts --concept 3 --scale 0,1,2 --region 0,0,0.5,1 --seeds 4',
  ],
  async run({ args, options, context }) {
    const [image] = args as readonly [string];
    const { model, seed } = context.common;
    const started = performance.now();
    const picture = await readImage(image);
    const region =
      options.region === undefined ? undefined : await readRegion(options.region, picture);
    const fitted = await readConcepts(options.concepts);
    const inverter = await openInverter(context);
    const sampling = samplingOf(inverter, options);
    tellMemory(context, inverter, options.seeds, sampling);
    const { scales, ...rest } = options;
    const { concept, seeds } = rest;
    const settings = { concept, scales, region, seeds, seed, sampling };
    checkSteering(inverter, fitted, settings);
    const directory = await context.outputDirectory(path.join('out', 'steer'));

    const total = (scales.includes(1) ? scales.length : scales.length + 1) * seeds;
    const progress = context.progress('steer', { total, unit: 'pictures' });
    const result = await steer(inverter, picture, fitted, {
      ...settings,
      session: context.session,
      onProgress: ({ done, scale, step, steps }) =>
        progress.update(done, `scale ${scale}, step ${step}/${steps}`),
    });
    progress.update(total);
    progress.finish();
    await inverter.dispose();

    const summary = summariseSteering(result, inverter.backbone.labels);
    const outputs = await writeSteering(directory, result, summary, {
      image,
      settings: [
        ['Concepts', `${fitted.model.method}, layer ${fitted.layer} of ${fitted.backbone}`],
        ...(options.region === undefined ? [] : [['Region', options.region] as const]),
        ['Inverter', `${inverter.config.name}, ${describeSampling(sampling)}`],
        ['Seeds', result.seeds.join(', ')],
        ['featinv', packageVersion()],
      ],
      commands: [commandLine(['steer', image], { model, ...rest, scale: scales.join(','), seed })],
    });
    const record = {
      image,
      model: inverter.config.name,
      concepts: options.concepts,
      method: fitted.model.method,
      concept: { index: concept, name: result.name },
      region: options.region ?? null,
      seeds: result.seeds,
      sampling,
      scales: summary.map((one, i) => ({ ...one, outputs: outputs.scales[i]! })),
      strip: outputs.strip,
      page: outputs.page,
      seconds: (performance.now() - started) / 1000,
    };
    context.report(record, () =>
      [table(summary), ...notes(seeds), '', `the page with all pictures: ${outputs.page}`].join(
        '\n',
      ),
    );
  },
});

function table(summary: readonly SteeringSummary[]): string {
  const rows = summary.map(({ scale, activation, gain, cosine, difference, classes }) => {
    const { mean, deviation } = activation.reconstructions;
    const [first] = classes;
    return [
      String(scale),
      activation.steered.toFixed(2),
      mean.toFixed(2),
      deviation === null ? 'unknown' : deviation.toFixed(2),
      gain === null ? 'unknown' : gain.reconstructions.mean.toFixed(2),
      cosine.mean.toFixed(3),
      difference.significantShare === null ? 'unknown' : percent(difference.significantShare),
      ...(scale === 1 || first === undefined
        ? ['', '', '']
        : [
            shortLabel(first.label),
            first.predicted === null ? 'unknown' : change(first.predicted),
            change(first.measured),
          ]),
    ];
  });
  const header = [
    'scale',
    'asked',
    'found',
    '± seeds',
    'gain',
    'cosine',
    'pixels changed',
    'class',
    'predicted',
    'measured',
  ];
  return formatTable(header, rows);
}

function notes(seeds: number): string[] {
  return seeds > 1
    ? []
    : ['one seed shows no variation, so nothing is said of significance; see --seeds'];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const change = ({ unsteered, steered }: { unsteered: number; steered: number }): string =>
  `${percent(unsteered)} → ${percent(steered)}`;
