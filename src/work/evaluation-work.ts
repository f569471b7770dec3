/** An evaluation whose batches are measured anywhere; its totals are those of one machine, to the last bit. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../errors.js';
import {
  EvaluationStore,
  evaluationPlanSchema,
  measureIntoStore,
  nameIn,
  openEvaluation,
  planDifference,
  type EvaluationImages,
  type EvaluationPlan,
  type EvaluationRequest,
  type Photographs,
} from '../evaluation/index.js';
import { findInceptionWeights } from '../evaluation/fid/index.js';
import { changeOf, openAlteration, type OpenAlteration } from '../experiments/index.js';
import { inTemporaryFolder } from '../files.js';
import { samplingSchema } from '../inversion/inverter-config.js';
import { loadInverter, type Inverter } from '../inversion/inverter.js';
import { parseConfig } from '../parse-config.js';
import type { SessionOptions } from '../runtime/session.js';
import type { Storage } from '../storage/index.js';
import { collectUnits, deliver, receiptName } from './receipts.js';
import { fetchModel, shareModel, sharedModelSchema } from './shared-model.js';
import { openSharedFiles, shareFiles, type SharedFiles } from './shared-files.js';
import { workKind } from './work-kind.js';

const planSchema = z.strictObject({
  model: sharedModelSchema,
  /** Key of the photographs' list. */
  images: z.string(),
  /** What is measured: whole, without the folder; names the weights by their hashes. */
  evaluation: evaluationPlanSchema,
});

type EvaluationWork = z.infer<typeof planSchema>;

/** What of an evaluation's settings a worker needs to measure. */
const settingsSchema = z.looseObject({
  sampling: samplingSchema,
  crops: z.int().min(1),
  judges: z.array(z.strictObject({ backbone: z.string(), layer: z.string() })),
  inception: z.string().nullable(),
  alteration: z.unknown().optional(),
});

export const evaluationWork = workKind<EvaluationWork>({
  name: 'evaluation',
  schema: planSchema,
  units: ({ evaluation: { images, batchSize } }) => Math.ceil(images / batchSize),
  resultName: (_, batch) => receiptName(batch),
  async open({ model, images: key, evaluation: plan }, { storage, results, session }) {
    const images = await openSharedFiles(storage, key);
    const inverter = await loadInverter(await fetchModel(storage, model), session);
    const { request, alteration } = await requestOf(plan, images, inverter, session);
    const evaluation = await openEvaluation(inverter, request, { session });
    const other = planDifference(comparable(evaluation.plan), comparable(plan));
    if (other !== undefined) {
      throw new InputError(
        `this machine would measure something else than was asked for (${other}): give it the same model and version`,
      );
    }
    const fetched = fetchedImages(evaluation.images, images);
    return {
      run: (batch) =>
        inTemporaryFolder(async (folder) => {
          const store = await EvaluationStore.open(folder, plan);
          await measureIntoStore(evaluation.instruments, fetched, store, batch);
          const files = [store.picturesFile(batch), store.recordsFile(batch)].filter(existsSync);
          const names = files.map((file) => nameIn(folder, file));
          await deliver(storage, results, batch, folder, names);
        }),
      async dispose() {
        await evaluation.dispose();
        await alteration?.dispose();
        await inverter.dispose();
      },
    };
  },
});

/** The plan for workers of what a store holds. */
export async function planEvaluation(
  storage: Storage,
  store: EvaluationStore,
  photographs: Photographs,
  model: string | undefined,
): Promise<EvaluationWork> {
  const images = await shareFiles(storage, 'images', photographs);
  return {
    model: await shareModel(storage, model),
    images,
    evaluation: { ...store.plan, folder: '' },
  };
}

/** Brings what workers have measured into a store; see `collectUnits`. */
export function collectEvaluation(
  storage: Storage,
  results: string,
  store: EvaluationStore,
): Promise<string[]> {
  return collectUnits(storage, results, store.missing, (batch, files) => {
    const of = (file: string): Uint8Array | undefined => files.get(nameIn(store.directory, file));
    return store.accept(batch, of(store.recordsFile(batch)), of(store.picturesFile(batch)));
  });
}

async function requestOf(
  plan: EvaluationPlan,
  photographs: Photographs,
  { backbone, imageSize }: Inverter,
  session: SessionOptions,
): Promise<{ request: EvaluationRequest; alteration: OpenAlteration | undefined }> {
  const { batchSize, seed } = plan;
  const settings = parseConfig(settingsSchema, plan.settings, 'the evaluation that was submitted');
  const { sampling, crops, judges } = settings;
  const inception = settings.inception === null ? undefined : findInceptionWeights();
  if (settings.inception !== null && inception === undefined) {
    throw new InputError(
      'the Inception weights for FID are not on this machine: featinv pull inception',
    );
  }
  const change = changeOf(settings.alteration);
  const alteration = await openAlteration(change, backbone, imageSize, seed, session);
  return {
    request: {
      ...{ photographs, crops, seed, batchSize, sampling, judges },
      ...{ inception, alteration },
    },
    alteration,
  };
}

/** Photographs may not have been fetched yet: their digest is the submitter's word, and each is checked when it is. */
const comparable = ({ settings, ...plan }: EvaluationPlan): unknown => ({
  ...plan,
  folder: '',
  settings: { ...settings, photographs: null },
});

function fetchedImages(images: EvaluationImages, { fetch }: SharedFiles): EvaluationImages {
  return {
    ...images,
    read: async (index) => {
      await fetch(images.source(index));
      return images.read(index);
    },
  };
}
