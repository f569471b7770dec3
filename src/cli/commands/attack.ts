import path from 'node:path';
import { topPredictions, type Prediction } from '../../backbones/index.js';
import { writeAtomic } from '../../files.js';
import { listImages } from '../../images/list-images.js';
import { encodePng, writePng } from '../../images/png.js';
import type { RgbImage } from '../../images/rgb-image.js';
import { loadInverter, type Inverter } from '../../inversion/inverter.js';
import {
  compareSights,
  reconstructSight,
  seePictures,
  type ComparedReconstruction,
} from '../../inversion/reconstruct-picture.js';
import { renderAttackPage, type AttackedPicture } from '../../report/index.js';
import { Adversary, fgsm, type Attacked, type AttackOptions } from '../../robustness/adversary.js';
import { findClass } from '../../robustness/find-class.js';
import { NORMS } from '../../robustness/norm-ball.js';
import { defaulted, defineCommand, flag, optional } from '../command.js';
import { choice, fraction, integer, text } from '../option-parsers.js';
import { uniqueStems } from '../output-names.js';
import { packageVersion } from '../package-version.js';
import { describeSampling, SAMPLING_OPTIONS, samplingOf } from '../sampling-options.js';
import { shortLabel } from '../short-label.js';
import { formatTable } from '../table.js';

interface Result {
  readonly image: string;
  readonly original: RgbImage;
  readonly attacked: Attacked;
  readonly output: string;
  /** Cosine per position between the maps of the original and of the attacked picture, over positions. */
  readonly mapCosine: { readonly mean: number; readonly median: number };
  /** What is drawn from each map, from the same noise. */
  readonly drawn: Readonly<Record<'original' | 'attacked', ComparedReconstruction>>;
}

export const command = defineCommand({
  description:
    'Changes pictures just enough for the inverter’s classifier to see something else, and draws what it ' +
    'saw: the maps of the clean and of the attacked picture, reconstructed from the same noise. The ' +
    'picture is the middle square at the inverter’s size. Writes OUT/<name>.attacked.png, the ' +
    'reconstructions and OUT/attack.html (default OUT: out/attack).',
  positionals: '<images...>',
  options: {
    method: defaulted(
      '--method <name>',
      'pgd, or fgsm: a single step of the largest change',
      choice(['pgd', 'fgsm']),
      'pgd' as const,
    ),
    norm: defaulted(
      '--norm <name>',
      'how the change is measured: linf or l2',
      choice(NORMS),
      'linf',
    ),
    epsilon: optional(
      '--epsilon <size>',
      'largest change, for values in 0 to 1 (default: 8/255 for linf, 1 for l2)',
      fraction(0, 200),
    ),
    attackSteps: defaulted('--attack-steps <n>', 'gradient steps of pgd', integer(1, 10_000), 20),
    target: optional(
      '--target <class>',
      'class to arrive at: a number or a part of its name (default: any other class)',
      text,
    ),
    randomStart: flag('--random-start', 'begin at a random point of the ball, drawn from --seed'),
    ...SAMPLING_OPTIONS,
  },
  writes: 'directory',
  examples: [
    'featinv attack photos/cat.jpg',
    'featinv attack photos --norm l2 --epsilon 0.5 --target "espresso"',
  ],
  async run({ args, options, context }) {
    const { model, threads, device, seed } = context.common;
    const directory = await context.outputDirectory(path.join('out', 'attack'));
    const inverter = await loadInverter(model, { threads, device });
    const sampling = samplingOf(inverter, options);
    const attack = attackOf(inverter, options, seed ?? 0);
    const files = (await context.eachInput(args, listImages)).flat();
    const stems = uniqueStems(files);
    const adversary = await Adversary.open(inverter.backbone, inverter.imageSize, {
      threads,
      device,
    });
    const progress = context.progress('attack', { total: files.length, unit: 'images' });
    const results = await context.eachInput(files, async (file, i): Promise<Result> => {
      const original = await inverter.prepare(file);
      const attacked = await adversary.attack(original, attack);
      const [clean, changed] = await seePictures(inverter, [original, attacked.image]);
      const draw = async (sight: typeof clean): Promise<ComparedReconstruction> =>
        (await reconstructSight(inverter, sight!, { samples: 1, seed, sampling }))[0]!;
      const drawn = { original: await draw(clean), attacked: await draw(changed) };
      const output = path.join(directory, `${stems[i]!}.attacked.png`);
      await writePng(output, attacked.image);
      for (const kind of ['original', 'attacked'] as const) {
        const name = `${stems[i]!}.${kind}.seen.png`;
        await writePng(path.join(directory, name), drawn[kind].image);
      }
      progress.update(i + 1);
      const { cosine } = compareSights(inverter, clean!, changed!);
      return { image: file, original, attacked, output, mapCosine: cosine, drawn };
    });
    await adversary.dispose();
    await inverter.dispose();
    progress.finish();
    const page = path.join(directory, 'attack.html');
    await writeAtomic(
      page,
      renderAttackPage({
        title: 'What the network saw under attack',
        backbone: inverter.config.backbone,
        change: describeAttack(attack),
        pictures: await Promise.all(results.map((result) => pagePicture(inverter, result))),
        settings: [
          ['Attack', describeAttack(attack)],
          ['Inverter', `${inverter.config.name}, ${describeSampling(sampling)}`],
          ['featinv', packageVersion()],
        ],
        commands: [`npx featinv attack ${args.join(' ')}`],
      }),
    );
    const flipped = results.filter(({ attacked }) => attacked.succeeded).length;
    const report = {
      page,
      attack,
      images: results.length,
      succeeded: flipped,
      results: results.map((result) => record(inverter, result)),
    };
    context.report(report, () =>
      [
        table(inverter, results),
        '',
        `${flipped} of ${results.length} attacks succeeded (${describeAttack(attack)})`,
        `the page with all pictures: ${page}`,
      ].join('\n'),
    );
  },
});

function attackOf(
  inverter: Inverter,
  options: {
    method: 'pgd' | 'fgsm';
    norm: AttackOptions['norm'];
    epsilon: number | undefined;
    attackSteps: number;
    target: string | undefined;
    randomStart: boolean;
  },
  seed: number,
): AttackOptions {
  const { method, norm, attackSteps, randomStart } = options;
  const epsilon = options.epsilon ?? (norm === 'linf' ? 8 / 255 : 1);
  const target =
    options.target === undefined ? undefined : findClass(inverter.backbone.labels, options.target);
  const steps = method === 'fgsm' ? { steps: 1, stepSize: epsilon } : { steps: attackSteps };
  return {
    ...(method === 'fgsm' && norm === 'linf' ? fgsm(epsilon) : { norm, epsilon, ...steps }),
    ...(target !== undefined && { target }),
    ...(randomStart && { seed }),
  };
}

function describeAttack({ norm, epsilon, steps, target, seed }: AttackOptions): string {
  const size =
    norm === 'linf'
      ? `values changed by at most ${Number((255 * epsilon).toFixed(2))} of 255`
      : `a change of Euclidean length ${epsilon} at most`;
  return [
    size,
    steps === 1 ? 'one step' : `${steps} steps`,
    ...(target === undefined ? [] : [`towards class ${target}`]),
    ...(seed === undefined ? [] : [`random start ${seed}`]),
  ].join(', ');
}

const says = (inverter: Inverter, logits: Float32Array): Prediction[] =>
  topPredictions(logits, inverter.backbone.labels);

function record(inverter: Inverter, result: Result): Record<string, unknown> {
  const { image, attacked, output, mapCosine, drawn } = result;
  return {
    image,
    output,
    succeeded: attacked.succeeded,
    distance: attacked.distance,
    top5: {
      original: says(inverter, attacked.logits.original),
      attacked: says(inverter, attacked.logits.attacked),
    },
    mapCosine,
    reconstructions: {
      original: { cosine: drawn.original.cosine, top5: drawn.original.top5 },
      attacked: { cosine: drawn.attacked.cosine, top5: drawn.attacked.top5 },
    },
  };
}

function table(inverter: Inverter, results: readonly Result[]): string {
  const rows = results.map(({ image, attacked, mapCosine, drawn }) => {
    const first = (logits: Float32Array): string =>
      shortLabel(topPredictions(logits, inverter.backbone.labels, 1)[0]!.label);
    return [
      image,
      first(attacked.logits.original),
      first(attacked.logits.attacked),
      attacked.succeeded ? 'yes' : 'no',
      mapCosine.mean.toFixed(3),
      drawn.original.cosine.mean.toFixed(3),
      drawn.attacked.cosine.mean.toFixed(3),
    ];
  });
  const header = [
    'picture',
    'seen as',
    'attacked: seen as',
    'succeeded',
    'cosine of the maps',
    'drawn',
    'drawn attacked',
  ];
  return formatTable(header, rows);
}

async function pagePicture(inverter: Inverter, result: Result): Promise<AttackedPicture> {
  const { image, original, attacked, drawn, mapCosine } = result;
  const bars = (predictions: readonly Prediction[]): AttackedPicture['clean']['top5'] =>
    predictions.map(({ label, probability }) => ({ label: shortLabel(label), probability }));
  return {
    name: path.parse(image).name.replaceAll('-', ' '),
    mapCosine: mapCosine.mean,
    clean: {
      picture: await encodePng(original),
      drawn: await encodePng(drawn.original.image),
      top5: bars(says(inverter, attacked.logits.original)),
    },
    attacked: {
      picture: await encodePng(attacked.image),
      drawn: await encodePng(drawn.attacked.image),
      top5: bars(says(inverter, attacked.logits.attacked)),
    },
  };
}
