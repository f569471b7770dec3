import path from 'node:path';
import { loadBackbone } from '../../backbones/index.js';
import { writeAtomic } from '../../files.js';
import { listImages } from '../../images/list-images.js';
import { writePng } from '../../images/png.js';
import {
  compareSights,
  reconstructSight,
  seePictures,
  type ComparedReconstruction,
  type Sight,
} from '../../inversion/reconstruct-picture.js';
import { renderAttackPage } from '../../report/index.js';
import { Adversary } from '../../robustness/adversary.js';
import { NORMS } from '../../robustness/norm-ball.js';
import { attackOptions, describeAttack } from '../attack/attack-options.js';
import { attackPageOf } from '../attack/attack-page-of.js';
import {
  attackRecord,
  attackTable,
  type AttackParties,
  type AttackResult,
} from '../attack/attack-result.js';
import { defaulted, defineCommand, flag, optional } from '../command.js';
import { openInverter, tellMemory } from '../open-inverter.js';
import { choice, fraction, integer, text } from '../option-parsers.js';
import { uniqueStems } from '../output-names.js';
import { packageVersion } from '../package-version.js';
import { describeSampling, SAMPLING_OPTIONS, samplingOf } from '../sampling-options.js';

export const command = defineCommand({
  description:
    'Changes pictures just enough for a classifier to see something else, and draws what the inverter’s ' +
    'classifier, which is attacked unless --backbone names another, sees: the maps of the clean and of ' +
    'the attacked picture, reconstructed from the same noise. The picture is the middle square at the ' +
    'inverter’s size. Writes OUT/<name>.attacked.png, the ' +
    'reconstructions and OUT/attack.html (default OUT: out/attack).',
  positionals: '<images...>',
  options: {
    backbone: optional(
      '--backbone <id|file.onnx>',
      'classifier to attack; the page shows how far that carries over (default: the inverter’s own)',
      text,
    ),
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
    'featinv attack photos/cat.jpg --backbone mobilenet_v1_025',
  ],
  async run({ args, options, context }) {
    const { seed } = context.common;
    const directory = await context.outputDirectory(path.join('out', 'attack'));
    const inverter = await openInverter(context);
    const sampling = samplingOf(inverter, options);
    tellMemory(context, inverter, 1, sampling);
    const other = options.backbone !== inverter.config.backbone ? options.backbone : undefined;
    const parties: AttackParties = other
      ? { classifier: await loadBackbone(other), viewer: inverter.backbone }
      : { classifier: inverter.backbone, viewer: undefined };
    const { classifier } = parties;
    const attack = attackOptions(classifier.labels, options, seed ?? 0);
    const files = (await context.eachInput(args, listImages)).flat();
    const stems = uniqueStems(files);
    const adversary = await Adversary.open(classifier, inverter.imageSize, context.session);
    const progress = context.progress('attack', { total: files.length, unit: 'images' });
    context.keepDone(0, files.length, directory);
    const results = await context.eachInput(files, async (file, i): Promise<AttackResult> => {
      const original = await inverter.prepare(file);
      const attacked = await adversary.attack(original, attack);
      const [clean, changed] = await seePictures(inverter, [original, attacked.image]);
      const draw = async (sight: Sight): Promise<ComparedReconstruction> =>
        (await reconstructSight(inverter, sight, { samples: 1, seed, sampling }))[0]!;
      const drawn = { original: await draw(clean!), attacked: await draw(changed!) };
      const output = path.join(directory, `${stems[i]!}.attacked.png`);
      await writePng(output, attacked.image);
      for (const kind of ['original', 'attacked'] as const) {
        const name = `${stems[i]!}.${kind}.seen.png`;
        await writePng(path.join(directory, name), drawn[kind].image);
      }
      progress.update(i + 1);
      context.keepDone(i + 1, files.length, directory);
      const { cosine } = compareSights(inverter, clean!, changed!);
      const viewed = { original: clean!.logits!, attacked: changed!.logits! };
      return { image: file, original, attacked, output, mapCosine: cosine, viewed, drawn };
    });
    await adversary.dispose();
    await inverter.dispose();
    progress.finish();
    const page = path.join(directory, 'attack.html');
    const named = options.backbone === undefined ? [] : ['--backbone', options.backbone];
    const described = {
      change: describeAttack(attack),
      settings: [
        ['Attack', `${describeAttack(attack)}, on ${classifier.id}`],
        ['Inverter', `${inverter.config.name}, ${describeSampling(sampling)}`],
        ['featinv', packageVersion()],
      ] as const,
      commands: [['npx featinv attack', ...args, ...named].join(' ')],
    };
    await writeAtomic(page, renderAttackPage(await attackPageOf(parties, results, described)));
    const flipped = results.filter(({ attacked }) => attacked.succeeded).length;
    const report = {
      page,
      backbone: classifier.id,
      attack,
      images: results.length,
      succeeded: flipped,
      results: results.map((result) => attackRecord(parties, result)),
    };
    context.report(report, () =>
      [
        attackTable(parties, results),
        '',
        `${flipped} of ${results.length} attacks succeeded (${describeAttack(attack)})`,
        `the page with all pictures: ${page}`,
      ].join('\n'),
    );
  },
});
