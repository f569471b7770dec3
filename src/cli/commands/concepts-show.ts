import path from 'node:path';
import { conceptCards, DRAWN_MAPS, pictureName, type ConceptCard } from '../../concepts/cards.js';
import { checkFits } from '../../concepts/check-fits.js';
import { readConcepts, type FittedConcepts } from '../../concepts/concept-files.js';
import { InputError } from '../../errors.js';
import { writeAtomic } from '../../files.js';
import { listImages } from '../../images/list-images.js';
import { encodePng } from '../../images/png.js';
import { DEFAULT_SEED, type Inverter } from '../../inversion/inverter.js';
import type { SamplingDefaults } from '../../inversion/inverter-config.js';
import { renderConceptCards, type ConceptCardData } from '../../report/index.js';
import { defaulted, defineCommand, optional } from '../command.js';
import { openInverter, tellMemory } from '../open-inverter.js';
import { integer, text } from '../option-parsers.js';
import { packageVersion } from '../package-version.js';
import { describeSampling, SAMPLING_OPTIONS, samplingOf } from '../sampling-options.js';
import { shortLabel } from '../short-label.js';
import { formatTable } from '../table.js';

export const command = defineCommand({
  description:
    'Makes a page of cards from what `featinv concepts fit` wrote in DIR: for each concept the patches ' +
    'where it is strongest, where it is active in whole pictures, its share of the maps’ energy and of ' +
    'the first class’s logit, and reconstructions of the concept alone and of the picture without it. ' +
    'Writes OUT/cards.html (default OUT: DIR).',
  positionals: '<dir>',
  options: {
    images: optional(
      '--images <dir>',
      'pictures to look through (default: those of the fit)',
      text,
    ),
    patches: defaulted('--patches <n>', 'patches of each concept', integer(1, 100), 6),
    seeds: defaulted(
      '--seeds <n>',
      'reconstructions of each map to measure; the first is shown',
      integer(1, 100),
      4,
    ),
    ...SAMPLING_OPTIONS,
  },
  writes: 'directory',
  examples: [
    'featinv concepts show out/concepts',
    'featinv concepts show out/concepts --images photos --patches 4 --out out/cards',
  ],
  async run({ args: [source], options, context }) {
    const { seed = DEFAULT_SEED } = context.common;
    const fitted = await readConcepts(source!);
    const files =
      options.images === undefined ? fitted.fit.images : await listImages(options.images);
    const inverter = await openInverter(context);
    checkFits(inverter, fitted);
    const sampling = samplingOf(inverter, options);
    tellMemory(context, inverter, options.seeds, sampling);
    const directory = await context.outputDirectory(source!);
    const concepts = fitted.model.concepts.length;
    const progress = context.progress('concepts show', {
      total: files.length + concepts,
      unit: 'steps',
    });
    const cards = await conceptCards(inverter, fitted, files, {
      sampling,
      seed,
      session: context.session,
      patches: options.patches,
      seeds: options.seeds,
      onProgress: (stage, done) =>
        progress.update(stage === 'look' ? done : files.length + done, stage),
    }).catch((error: unknown) => {
      throw missingPictures(error, options.images, source!);
    });
    await inverter.dispose();
    progress.finish();
    const page = path.join(directory, 'cards.html');
    await writeAtomic(
      page,
      await render(cards, { fitted, inverter, sampling, seed, source: source! }),
    );
    context.report({ page, cards: cards.map((card) => record(card, fitted)) }, () =>
      [table(cards), '', effect(cards), `the page with all cards: ${page}`].join('\n'),
    );
  },
});

/** The fit's pictures may have moved since. */
function missingPictures(error: unknown, images: string | undefined, source: string): unknown {
  if (!(error instanceof InputError) || images !== undefined) return error;
  return new InputError(
    `${error.message} (${source} was fitted to it; --images names other pictures)`,
    { cause: error },
  );
}

function record(card: ConceptCard, { model }: FittedConcepts): Record<string, unknown> {
  const { concept, name, dimensions, energyShare, relevance, patches, drawings } = card;
  return {
    concept,
    name,
    method: model.method,
    dimensions,
    energyShare,
    relevance,
    /** Mean activation in the reconstructions' own maps. */
    reconstructions: drawings && {
      whole: drawings.whole.activation,
      alone: drawings.alone.activation,
      removed: drawings.removed.activation,
    },
    patches: patches.map(({ file, activation }) => ({ image: file, activation })),
  };
}

/** Whether taking a concept out of a map shows in what is drawn from it. */
function effect(cards: readonly ConceptCard[]): string {
  const drawn = cards.flatMap(({ drawings }) => drawings ?? []);
  const lower = drawn.filter(({ whole, removed }) => removed.activation < whole.activation);
  return `without it a concept is weaker in the drawn pictures for ${lower.length} of ${drawn.length} concepts`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const signed = (value: number): string => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(2);

function table(cards: readonly ConceptCard[]): string {
  const rows = cards.map(
    ({ concept, name, dimensions, energyShare, relevance, patches, drawings }) => [
      String(concept),
      name,
      String(dimensions),
      percent(energyShare),
      relevance === null ? 'unknown' : signed(relevance.logit),
      patches[0] === undefined ? 'nowhere active' : pictureName(patches[0].file),
      ...(drawings === null
        ? ['', '']
        : [drawings.whole.activation.toFixed(2), drawings.removed.activation.toFixed(2)]),
    ],
  );
  const header = ['concept', 'name', 'dimensions', 'energy', 'logit', 'strongest in'];
  return formatTable([...header, 'drawn', 'drawn without'], rows);
}

async function render(
  cards: readonly ConceptCard[],
  run: {
    fitted: FittedConcepts;
    inverter: Inverter;
    sampling: SamplingDefaults;
    seed: number;
    source: string;
  },
): Promise<string> {
  const { fitted, inverter, sampling, seed, source } = run;
  const { model, fit } = fitted;
  const about = fit.class === null ? '' : ` of pictures seen as “${fit.class}”`;
  return renderConceptCards({
    title: `Concepts of ${fitted.backbone}, ${fitted.layer}`,
    lead:
      `${model.method} took the feature vectors${about} apart into ${model.concepts.length} concepts. ` +
      'Each card shows one of them: what it looks for, and what it adds to a picture.',
    cards: await Promise.all(cards.map((card) => cardData(card, fitted))),
    settings: [
      ['Vectors', `${fit.vectors} of ${fit.images.length} pictures`],
      ['Inverter', `${inverter.config.name}, ${describeSampling(sampling)}, seed ${seed}`],
      ['featinv', packageVersion()],
    ],
    commands: [`npx featinv concepts show ${source}`],
  });
}

async function cardData(card: ConceptCard, fitted: FittedConcepts): Promise<ConceptCardData> {
  const { concept, name, dimensions, energyShare, relevance, patches, overlays, drawings } = card;
  const [, height, width] = fitted.mapShape;
  const captions = { whole: 'whole map', alone: 'alone', removed: 'removed' } as const;
  const drawn = drawings === null ? [] : DRAWN_MAPS;
  return {
    name: name === `concept ${concept}` ? `Concept ${concept}` : `${concept} · ${name}`,
    facts: [
      ['Dimensions', String(dimensions)],
      ['Energy', percent(energyShare)],
      ...(relevance === null ? [] : [relevanceFact(relevance)]),
      ...(drawings === null ? [] : [effectFact(drawings)]),
    ],
    patches: await Promise.all(
      patches.map(async ({ file, image }) => ({
        png: await encodePng(image),
        from: pictureName(file),
      })),
    ),
    overlays: await Promise.all(
      overlays.map(async ({ file, image, lines }) => ({
        png: await encodePng(image),
        from: pictureName(file),
        lines,
        grid: { width, height },
      })),
    ),
    drawings: await Promise.all(
      drawn.map(async (kind) => ({
        png: await encodePng(drawings![kind].image),
        caption: captions[kind],
      })),
    ),
  };
}

function relevanceFact({ label, logit }: NonNullable<ConceptCard['relevance']>): [string, string] {
  return [
    'Relevance',
    `${signed(logit)} to the logit of “${shortLabel(label)}” in the first picture`,
  ];
}

function effectFact({ whole, removed }: NonNullable<ConceptCard['drawings']>): [string, string] {
  const [before, after] = [whole.activation.toFixed(2), removed.activation.toFixed(2)];
  return ['Taken out', `mean activation in the drawn pictures ${before} → ${after}`];
}
