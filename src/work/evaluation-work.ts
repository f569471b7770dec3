/** An evaluation whose batches are measured anywhere; its totals are those of one machine, to the last bit. */
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.js';
import {
  EvaluationStore,
  evaluationPlanSchema,
  measureIntoStore,
  openEvaluation,
  planDifference,
  recordsName,
  type EvaluationImages,
  type EvaluationPlan,
  type EvaluationRequest,
  type Photographs,
} from '../evaluation/index.js';
import { findInceptionWeights } from '../evaluation/fid/index.js';
import { samplingSchema } from '../inversion/inverter-config.js';
import { loadInverter } from '../inversion/inverter.js';
import { parseConfig } from '../parse-config.js';
import type { Storage } from '../storage/index.js';
import { openSharedImages, shareImages, type SharedImages } from './shared-images.js';
import { workKind } from './work-kind.js';

const planSchema = z.strictObject({
  /** What `--model` names on every machine; null for the shipped one. */
  model: z.string().nullable(),
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
});

export const evaluationWork = workKind<EvaluationWork>({
  name: 'evaluation',
  schema: planSchema,
  units: ({ evaluation: { images, batchSize } }) => Math.ceil(images / batchSize),
  resultName: (_, batch) => recordsName(batch),
  async open({ model, images: key, evaluation: plan }, { storage, results, session }) {
    const images = await openSharedImages(storage, key);
    const inverter = await loadInverter(model ?? undefined, session);
    const request = requestOf(plan, images.photographs);
    const evaluation = await openEvaluation(inverter, request, { session });
    const other = planDifference(comparable(evaluation.plan), comparable(plan));
    if (other !== undefined) {
      throw new InputError(
        `this machine would measure something else than was asked for (${other}): give it the same model and version`,
      );
    }
    const fetched = fetchedImages(evaluation.images, images);
    return {
      async run(batch) {
        const folder = await mkdtemp(path.join(tmpdir(), 'featinv-work-'));
        try {
          const store = await EvaluationStore.open(folder, plan);
          await measureIntoStore(evaluation.instruments, fetched, store, batch);
          // The records last: where they are, the batch is done.
          for (const file of [store.picturesFile(batch), store.recordsFile(batch)]) {
            const name = path.relative(folder, file).split(path.sep).join('/');
            if (existsSync(file)) await storage.upload(`${results}/${name}`, file);
          }
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      },
      async dispose() {
        await evaluation.dispose();
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
  const images = await shareImages(storage, photographs);
  return { model: model ?? null, images, evaluation: { ...store.plan, folder: '' } };
}

/** Brings what workers have measured into a store. */
export async function collectEvaluation(
  storage: Storage,
  results: string,
  store: EvaluationStore,
): Promise<void> {
  const present = new Set(await storage.list(`${results}/`));
  for (const batch of store.missing) {
    for (const file of [store.picturesFile(batch), store.recordsFile(batch)]) {
      const key = `${results}/${path.relative(store.directory, file).split(path.sep).join('/')}`;
      if (present.has(key)) await copyFile(await storage.localFile(key), file);
    }
  }
}

function requestOf(plan: EvaluationPlan, photographs: Photographs): EvaluationRequest {
  const { batchSize, seed } = plan;
  const { sampling, crops, judges, inception } = parseConfig(
    settingsSchema,
    plan.settings,
    'the evaluation that was submitted',
  );
  const weights = inception === null ? undefined : findInceptionWeights();
  if (inception !== null && weights === undefined) {
    throw new InputError(
      'the Inception weights for FID are not on this machine: featinv pull inception',
    );
  }
  return { photographs, crops, seed, batchSize, sampling, judges, inception: weights };
}

/** Photographs may not have been fetched yet: their digest is the submitter's word, and each is checked when it is. */
const comparable = ({ settings, ...plan }: EvaluationPlan): unknown => ({
  ...plan,
  folder: '',
  settings: { ...settings, photographs: null },
});

function fetchedImages(images: EvaluationImages, { fetch }: SharedImages): EvaluationImages {
  return {
    ...images,
    read: async (index) => {
      await fetch(images.source(index));
      return images.read(index);
    },
  };
}
