import path from 'node:path';
import { collectVectors, keepVectors, type SeenPicture } from '../../concepts/collect-vectors.js';
import { writeConcepts, type ConceptsOrigin } from '../../concepts/concept-files.js';
import { MOST_VECTORS, sampleRows } from '../../concepts/fit-concepts.js';
import { measureConcepts, type ConceptMeasures } from '../../concepts/measures/measure-concepts.js';
import type { MapsOfPictures } from '../../concepts/measures/picture-relevances.js';
import { stabilityOf, type Stability } from '../../concepts/measures/stability.js';
import type { ConceptModel } from '../../concepts/concept-model.js';
import type { ConceptMethod, FitOptions } from '../../concepts/methods/method.js';
import { CONCEPT_METHODS, findConceptMethod } from '../../concepts/methods/registry.js';
import type { Vectors } from '../../concepts/vectors.js';
import { InputError } from '../../errors.js';
import { featureSet } from '../../features/index.js';
import { writeAtomic } from '../../files.js';
import { listImages } from '../../images/list-images.js';
import { FeatureExtractor } from '../../inversion/feature-extractor.js';
import { DEFAULT_SEED } from '../../inversion/inverter.js';
import { defaulted, defineCommand, optional, required } from '../command.js';
import type { OptionValues } from '../command.js';
import { describeConcepts, type ConceptReport } from '../concepts/describe-concepts.js';
import { conceptLayer, type ConceptLayer } from '../concepts/concept-layer.js';
import type { CommandContext } from '../context.js';
import { CACHE_OPTIONS, cachedFeatures, readCached } from '../features/cached-features.js';
import { integer, real, text } from '../option-parsers.js';
import type { Progress } from '../progress.js';
import { QUEUE_OPTIONS } from '../queue-options.js';
import { withHelpers, type Helpers } from '../submit-work.js';

/** Pictures whose relevances are measured. */
const MEASURED_PICTURES = 64;
const SEEDS = 2 ** 32;

const OPTIONS = {
  images: required('--images <dir>', 'pictures to find concepts in', text),
  method: defaulted(
    '--method <name>',
    CONCEPT_METHODS.map(({ name }) => name).join(', '),
    text,
    'mcd',
  ),
  backbone: optional(
    '--backbone <name|name=file|file.onnx>',
    'classifier to take apart (default: the one that the inverter of --model reads)',
    text,
  ),
  layer: optional('--layer <name>', 'layer of the maps (default: likewise)', text),
  size: optional(
    '--size <pixels>',
    'side to which middle squares are shrunk first (default: the inverter’s, or for a classifier ' +
      'that it does not read the classifier’s own)',
    integer(16, 4096),
  ),
  class: optional(
    '--class <label>',
    'keep only pictures that the classifier sees as this: part of a name, or a number',
    text,
  ),
  count: optional('--count <n>', 'concepts to find (default: the method’s own)', integer(1)),
  gamma: optional(
    '--gamma <g>',
    'mcd: density of the sparse self-representation (default: 50)',
    real(1e-6),
  ),
  active: optional('--active <k>', 'sae: concepts that are active in a vector', integer(1)),
  ...CACHE_OPTIONS,
  ...QUEUE_OPTIONS,
  limit: optional('--limit <n>', 'use the first n pictures only', integer(1)),
  vectors: defaulted(
    '--vectors <n>',
    'most feature vectors to fit to; more are sampled by --seed',
    integer(1),
    MOST_VECTORS,
  ),
  seeds: defaulted(
    '--seeds <n>',
    'fits to compare for the stability; the first one is kept',
    integer(1, 100),
    1,
  ),
};

type Options = OptionValues<typeof OPTIONS>;

export const command = defineCommand({
  description:
    'Takes the feature vectors of a layer apart into concepts and measures them: how much of the ' +
    'vectors they explain, and what each adds to the logits of the pictures’ first classes. Writes ' +
    'concepts.json, concepts.safetensors and measures.json to OUT (default: out/concepts), for ' +
    '`featinv concepts show` and `featinv steer`. Methods: ' +
    CONCEPT_METHODS.map(({ name, summary }) => `${name}: ${summary}`).join('; ') +
    '.',
  options: OPTIONS,
  writes: 'directory',
  examples: [
    'featinv concepts fit --images photos --method kmeans --count 8',
    'featinv concepts fit --images my-photos --class tabby --out out/tabby',
    'featinv concepts fit --images my-photos --method pca --backbone mobilenet_v1_025 --seeds 3',
    'featinv concepts fit --images imagenet/train --limit 10000 --cache features',
  ],
  async run({ options, context }) {
    const { seed = DEFAULT_SEED, model: inverter } = context.common;
    const method = findConceptMethod(options.method);
    checkMethodOptions(method, options);
    const files = (await listImages(options.images)).slice(0, options.limit);
    const place = await conceptLayer(options, inverter);
    const directory = await context.outputDirectory(path.join('out', 'concepts'));
    const kept = 'concepts are written in the end, none yet; give the command again';
    context.keep(kept);
    const { maps, images } = await look(place, files, options, context);
    // Maps of a cache are behind it.
    context.keep(kept);
    const sampled = sampleRows(maps.vectors, options.vectors, seed);
    const { models, stability } = await fit(method, sampled, options, seed, context);
    const [model] = models as [ConceptModel];
    const measures = await measure(model, maps, images.length, context);
    const origin: Omit<ConceptsOrigin, 'fit'> = {
      backbone: maps.backbone.id,
      layer: maps.layer,
      mapShape: [...maps.mapShape],
      imageSize: place.imageSize,
    };
    const chosen = { class: options.class ?? null, vectors: sampled.count, seed };
    await writeConcepts(directory, { ...origin, fit: { images: [...images], ...chosen }, model });
    const report: ConceptReport = {
      out: directory,
      method: method.name,
      ...origin,
      ...chosen,
      images: images.length,
      diagnostics: model.diagnostics,
      ...withStability(measures, stability),
    };
    const file = path.join(directory, 'measures.json');
    await writeAtomic(file, `${JSON.stringify(report, null, 2)}\n`);
    context.report(report, () => describeConcepts(report));
  },
});

async function look(
  place: ConceptLayer,
  files: readonly string[],
  options: Options,
  context: CommandContext,
): Promise<{ maps: MapsOfPictures; images: readonly string[] }> {
  if (options.cache !== undefined || options.queue !== undefined) {
    return withHelpers(options, context, (helpers) =>
      lookThroughCache(place, files, options, context, helpers),
    );
  }
  const { backbone, layer, imageSize } = place;
  const extractor = await FeatureExtractor.open(backbone, layer, imageSize, context.session);
  const progress = context.progress('look', { total: files.length, unit: 'pictures' });
  const { vectors, images } = await collectVectors(extractor, imageSize, files, {
    class: options.class,
    onUnreadable: (error) => context.fail(error),
    onProgress: (done) => progress.update(done),
  });
  progress.finish();
  await extractor.dispose();
  const { mapShape } = extractor;
  const maps = { backbone: extractor.backbone, layer: extractor.layer, mapShape, vectors };
  return { maps, images };
}

/** The same from maps in float16, which stay in a cache or come from others. */
async function lookThroughCache(
  { backbone, reference, layer, imageSize }: ConceptLayer,
  files: readonly string[],
  options: Options,
  context: CommandContext,
  helpers: Helpers | undefined,
): Promise<{ maps: MapsOfPictures; images: readonly string[] }> {
  const set = await featureSet(backbone, { layer, size: imageSize });
  const folder = options.cache ?? (await context.temporaryDirectory());
  const choice = { ...options, backbone: reference, preprocessing: 'own' } as const;
  const found = await cachedFeatures(set, folder, files, choice, context, helpers);
  if (found.isStopped) throw new DOMException('stopped', 'AbortError');
  async function* pictures(): AsyncGenerator<SeenPicture> {
    for (const [i, { name }] of found.entries.entries()) {
      const hash = found.hashes[i];
      if (hash) yield { file: name, ...(await readCached(found.cache, hash)) };
    }
  }
  const about = { backbone, layer: set.layer, mapShape: set.shape };
  const { vectors, images } = await keepVectors(pictures(), about, options);
  return { maps: { ...about, vectors }, images };
}

async function measure(
  model: ConceptModel,
  maps: MapsOfPictures,
  images: number,
  context: CommandContext,
): Promise<ConceptMeasures> {
  const total = Math.min(MEASURED_PICTURES, images);
  const progress = context.progress('measure', { total, unit: 'pictures' });
  const onProgress = (done: number): void => progress.update(done);
  const settings = { ...context.session, pictures: MEASURED_PICTURES, onProgress };
  const measures = await measureConcepts(model, maps, settings);
  progress.finish();
  return measures;
}

/** Options of one method mean nothing to the others. */
function checkMethodOptions(method: ConceptMethod, options: Options): void {
  for (const [option, owner] of [
    ['gamma', 'mcd'],
    ['active', 'sae'],
  ] as const) {
    if (options[option] !== undefined && method.name !== owner) {
      throw new InputError(
        `--${option} belongs to --method ${owner}, not to ${method.name}; leave it out`,
      );
    }
  }
}

/** Fits once for each seed, `seed` first. */
async function fit(
  method: ConceptMethod,
  vectors: Vectors,
  { count, gamma, active, seeds }: Options,
  seed: number,
  context: CommandContext,
): Promise<{ models: ConceptModel[]; stability: Stability | null }> {
  const models: ConceptModel[] = [];
  for (let k = 0; k < seeds; k++) {
    const onProgress = stageProgress(context, seeds === 1 ? '' : ` (${k + 1} of ${seeds})`);
    const settings = { count, gamma, active, threads: context.common.threads, onProgress };
    models.push(await method.fit(vectors, { ...settings, seed: (seed + k) % SEEDS }));
  }
  return { models, stability: seeds === 1 ? null : stabilityOf(models) };
}

/** One line of progress for each stage of a fit. */
function stageProgress(
  context: CommandContext,
  suffix: string,
): NonNullable<FitOptions['onProgress']> {
  let current = '';
  let shown: Progress | undefined;
  return (stage, done, total) => {
    if (stage !== current) shown = context.progress(stage + suffix, { total, unit: 'steps' });
    current = stage;
    shown?.update(done);
    if (done >= total) shown?.finish();
  };
}

/** Measures with each concept's stability among them; null where only one fit was made. */
function withStability(
  measures: ConceptMeasures,
  stability: Stability | null,
): Pick<ConceptReport, keyof ConceptMeasures | 'stability'> {
  return {
    ...measures,
    stability: stability && { mean: stability.mean, lowest: stability.lowest },
    concepts: measures.concepts.map((concept, k) => ({
      ...concept,
      stability: stability?.concepts[k] ?? null,
    })),
  };
}
