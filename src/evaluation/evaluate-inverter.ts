/** One inverter on one set of photographs: what `featinv evaluate` and experiments do. */
import { sha256OfFile } from '../checkpoints/file-hash.js';
import { InputError } from '../errors.js';
import type { Inverter } from '../inversion/inverter.js';
import type { SamplingDefaults } from '../inversion/inverter-config.js';
import type { SessionOptions } from '../runtime/session.js';
import { photographCrops, type EvaluationImages } from './evaluation-images.js';
import {
  costsOf,
  EvaluationStore,
  recordsOf,
  WHOLE,
  type EvaluationPlan,
  type HeldBatch,
} from './evaluation-store.js';
import { InceptionFeatures } from './fid/index.js';
import { InverterSubject } from './inverter-subject.js';
import { MapJudge } from './map-judge.js';
import type { Instruments } from './measure-images.js';
import { fingerprint, type Photographs } from './photographs.js';
import { runEvaluation, type EvaluationHooks } from './run-evaluation.js';
import { summariseEvaluation, type EvaluationSummary } from './summarise-evaluation.js';

export interface EvaluationRequest {
  readonly photographs: Photographs;
  /** Of each photograph; the first is the middle square. */
  readonly crops: number;
  readonly seed: number;
  /** Images sampled at a time. */
  readonly batchSize: number;
  readonly sampling: SamplingDefaults;
  /** Classifiers that give the transfer cosines; without a layer their default one. */
  readonly judges: readonly { readonly backbone: string; readonly layer?: string | undefined }[];
  /** Weights of FID's Inception; without them FID is null. */
  readonly inception?: string | undefined;
  readonly shard?: { readonly index: number; readonly count: number } | undefined;
  /** What is done to the pictures before they are measured, and its description for the settings. */
  readonly alteration?: Alteration | undefined;
}

export interface Alteration {
  readonly settings: unknown;
  apply(images: EvaluationImages): EvaluationImages;
}

export interface EvaluationRun extends EvaluationHooks {
  /** Where records go; what is there already is not measured again. */
  readonly directory: string;
  readonly session: SessionOptions;
  /** Of each denoising step of a batch. */
  readonly onStep?: (done: number, steps: number) => void;
  /** Has what the store lacks measured by others, and brings it there; false where it was stopped. */
  readonly elsewhere?: (store: EvaluationStore, photographs: Photographs) => Promise<boolean>;
}

/** A summary with what was measured, and the time that it took. */
export interface EvaluationReport extends EvaluationSummary {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Photographs that could not be read, and why. */
  readonly unreadable: readonly string[];
  readonly seconds: number;
  readonly secondsPerImage: number;
}

/** Measures, or goes on measuring. Returns undefined where the signal stopped it. */
export async function evaluateInverter(
  inverter: Inverter,
  request: EvaluationRequest,
  run: EvaluationRun,
): Promise<readonly HeldBatch[] | undefined> {
  const evaluation = await openEvaluation(inverter, request, run);
  try {
    const { plan, instruments, images } = evaluation;
    const store = await EvaluationStore.open(run.directory, plan);
    if (store.batches.length === 0) throw emptyShard(plan);
    const finished = run.elsewhere
      ? await run.elsewhere(store, request.photographs)
      : await runEvaluation(instruments, images, store, run);
    return finished ? store.held : undefined;
  } finally {
    await evaluation.dispose();
  }
}

/** What is needed to measure: dispose it. */
export interface OpenEvaluation {
  readonly plan: EvaluationPlan;
  readonly instruments: Instruments;
  readonly images: EvaluationImages;
  dispose(): Promise<void>;
}

export async function openEvaluation(
  inverter: Inverter,
  request: EvaluationRequest,
  { session, onStep }: Pick<EvaluationRun, 'session' | 'onStep'>,
): Promise<OpenEvaluation> {
  const { photographs, crops, seed, sampling, alteration } = request;
  const open: { dispose(): Promise<void> }[] = [];
  const dispose = async (): Promise<void> => {
    for (const each of open.splice(0)) await each.dispose();
  };
  const keep = <T extends { dispose(): Promise<void> }>(each: T): T => {
    open.push(each);
    return each;
  };
  try {
    const inception =
      request.inception === undefined
        ? undefined
        : keep(await InceptionFeatures.open(request.inception, session));
    const subject = keep(
      await InverterSubject.open(inverter, { sampling, session, ...(onStep && { onStep }) }),
    );
    const judges: MapJudge[] = [];
    for (const judge of request.judges) {
      judges.push(keep(await MapJudge.open(judge, inverter.imageSize, session)));
    }
    const cut = photographCrops(photographs, { crops, seed, size: inverter.imageSize });
    const images = alteration ? alteration.apply(cut) : cut;
    return {
      plan: await planOf(inverter, request, images.count, judges),
      instruments: {
        ...{ subject, judges },
        ...(inception && { inception: (pictures) => inception.run(pictures) }),
      },
      images,
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function planOf(
  inverter: Inverter,
  request: EvaluationRequest,
  images: number,
  judges: readonly MapJudge[],
): Promise<EvaluationPlan> {
  const { config } = inverter;
  const { photographs, crops, seed, batchSize, sampling, alteration, shard = WHOLE } = request;
  return {
    schemaVersion: 1,
    ...{ images, batchSize, seed, shard },
    folder: photographs.root,
    settings: {
      model: config.name,
      backbone: config.backbone,
      layer: config.layer,
      pooled: config.pooled,
      weights: { controlNet: config.controlNet.sha256, base: config.base.sha256 },
      sampling,
      photographs: { files: photographs.files.length, digest: await fingerprint(photographs) },
      crops,
      judges: judges.map(({ backbone, layer }) => ({ backbone, layer })),
      inception: request.inception === undefined ? null : await sha256OfFile(request.inception),
      ...(alteration && { alteration: alteration.settings }),
    },
  };
}

function emptyShard({ images, batchSize, shard }: EvaluationPlan): InputError {
  return new InputError(
    `shard ${shard.index}/${shard.count} has nothing to do: ${images} images in batches of ${batchSize} ` +
      `make ${Math.ceil(images / batchSize)} parts at most; give a smaller batch or fewer shards`,
  );
}

/** Summarises batches of one evaluation: of one run, of one shard, or of all shards together. */
export function reportEvaluation(batches: readonly HeldBatch[]): EvaluationReport {
  const { plan } = batches[0]!.store;
  const { seed, settings, folder, batchSize, shard } = plan;
  const isPart = shard.count > 1 && batches.every(({ store }) => store.plan === plan);
  const judges = settings.judges as { backbone: string; layer: string }[];
  const summary = summariseEvaluation(recordsOf(batches), { seed, judges });
  const { seconds, failures } = costsOf(batches);
  return {
    ...summary,
    settings: {
      ...settings,
      ...{ seed, images: folder, batch: batchSize },
      ...(isPart && { shard: `${shard.index}/${shard.count}` }),
    },
    unreadable: failures,
    seconds,
    secondsPerImage: seconds / summary.images,
  };
}
