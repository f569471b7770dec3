/** Pictures that are reconstructed anywhere, one in each unit. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { inTemporaryFolder, writeAtomic } from '../files.js';
import { loadInverter, type Inverter } from '../inversion/inverter.js';
import { samplingSchema, type SamplingDefaults } from '../inversion/inverter-config.js';
import { seePictures } from '../inversion/reconstruct-picture.js';
import { reconstructToFiles, type ReconstructedFile } from '../inversion/reconstruct-to-files.js';
import { parseConfig } from '../parse-config.js';
import type { Storage } from '../storage/index.js';
import { collectUnits, deliver, parseJson, receiptName } from './receipts.js';
import { fetchModel, shareModel, sharedModelSchema } from './shared-model.js';
import { commonRoot, openSharedFiles, shareFiles } from './shared-files.js';
import type { SharedPlan } from './shared-plan.js';
import { workKind } from './work-kind.js';

const planSchema = z.strictObject({
  model: sharedModelSchema,
  /** SHA-256 of the ControlNet: a shipped model of another version is another one. */
  weights: z.string(),
  /** Key of the pictures' list. */
  images: z.string(),
  count: z.int().min(1),
  sampling: samplingSchema,
  samples: z.int().min(1),
  seed: z.int().min(0),
});

type ReconstructionWork = z.infer<typeof planSchema>;

const recordSchema = z.union([
  z.strictObject({
    top1: z.string().nullable(),
    samples: z.array(
      z.strictObject({
        seed: z.number(),
        cosine: z.strictObject({ mean: z.number(), median: z.number() }),
        top5: z.array(
          z.strictObject({ index: z.number(), label: z.string(), probability: z.number() }),
        ),
        top5Match: z.boolean().nullable(),
      }),
    ),
    seconds: z.number(),
  }),
  /** Why the picture could not be read. */
  z.strictObject({ error: z.string() }),
]);

/** Stands for the picture's path in errors: it lies elsewhere on each machine. */
const PLACE = '{picture}';

const folderOf = (unit: number): string => `pictures/${String(unit).padStart(5, '0')}`;
const pictureName = (unit: number, seed: number): string => `${folderOf(unit)}/${seed}.png`;
const recordName = (unit: number): string => `${folderOf(unit)}/record.json`;

export const reconstructionWork = workKind<ReconstructionWork>({
  name: 'reconstruction',
  schema: planSchema,
  units: ({ count }) => count,
  resultName: (_, unit) => receiptName(unit),
  async open(plan, { storage, results, session }) {
    const { files, fetch } = await openSharedFiles(storage, plan.images);
    const inverter = await loadInverter(await fetchModel(storage, plan.model), session);
    if (inverter.config.controlNet.sha256 !== plan.weights) {
      await inverter.dispose();
      throw new InputError(`this machine has another ${inverter.config.name}: update featinv`);
    }
    const { samples, seed, sampling } = plan;
    return {
      async run(unit) {
        const file = files[unit]!;
        await fetch(file);
        await inTemporaryFolder(async (folder) => {
          await mkdir(path.join(folder, folderOf(unit)), { recursive: true });
          const record = await reconstructToFiles(
            inverter,
            async () => (await seePictures(inverter, [await inverter.prepare(file)]))[0]!,
            (own) => path.join(folder, pictureName(unit, own)),
            { samples, seed, sampling },
          ).catch((error: unknown) => {
            if (!(error instanceof InputError)) throw error;
            return { error: error.message.replaceAll(file, PLACE) };
          });
          await writeAtomic(path.join(folder, recordName(unit)), JSON.stringify(record));
          const seeds = 'error' in record ? [] : record.samples.map((sample) => sample.seed);
          const pictures = seeds.map((own) => pictureName(unit, own));
          await deliver(storage, results, unit, folder, [...pictures, recordName(unit)]);
        });
      },
      dispose: () => inverter.dispose(),
    };
  },
});

/** The plan for workers. */
export async function planReconstruction(
  storage: Storage,
  { directory, config }: Inverter,
  files: readonly string[],
  options: { readonly sampling: SamplingDefaults; readonly samples: number; readonly seed: number },
): Promise<ReconstructionWork> {
  return {
    model: await shareModel(storage, directory),
    weights: config.controlNet.sha256,
    images: await shareFiles(storage, 'images', commonRoot(files)),
    count: files.length,
    ...options,
  };
}

/** What workers made of one picture; PNGs by seed. */
export type CollectedReconstruction =
  | { readonly record: ReconstructedFile; readonly pictures: ReadonlyMap<number, Uint8Array> }
  | { readonly error: string };

/** Passes on what workers made of `files`, of those whose numbers are in `units`; see `collectUnits`. */
export function collectReconstructions(
  storage: Storage,
  { plan, results }: SharedPlan,
  files: readonly string[],
  units: Iterable<number>,
  accept: (unit: number, made: CollectedReconstruction) => Promise<void>,
): Promise<string[]> {
  const { samples } = plan as ReconstructionWork;
  return collectUnits(storage, results, units, async (unit, delivered) => {
    const source = `${results}/${recordName(unit)}`;
    const bytes = delivered.get(recordName(unit));
    if (bytes === undefined) throw new InputError(`${source} is missing`);
    const record = parseConfig(recordSchema, parseJson(bytes, source), source);
    if ('error' in record) {
      await accept(unit, { error: record.error.replaceAll(PLACE, files[unit]!) });
      return;
    }
    const pictures = new Map<number, Uint8Array>();
    for (const { seed } of record.samples) {
      const picture = delivered.get(pictureName(unit, seed));
      if (picture) pictures.set(seed, picture);
    }
    if (pictures.size !== samples) {
      throw new InputError(`${source} must have ${samples} pictures, got ${pictures.size}`);
    }
    await accept(unit, { record, pictures });
  });
}
