/** Feature maps of pictures that are looked at anywhere, a shard of a cache in each unit. */
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { loadBackbone } from '../backbones/index.js';
import { InputError, WorkError } from '../errors.js';
import {
  decodeThreads,
  FeatureCache,
  featureSet,
  fillCache,
  listPictures,
  openFeatureSession,
  openPictureReader,
  type FeatureSet,
  type PictureEntry,
} from '../features/index.js';
import { inTemporaryFolder, writeAtomic } from '../files.js';
import { parseConfig } from '../parse-config.js';
import type { Storage } from '../storage/index.js';
import { collectUnits, deliver, parseJson, receiptName } from './receipts.js';
import { commonRoot, openSharedFiles, shareFiles } from './shared-files.js';
import type { SharedPlan } from './shared-plan.js';
import { workKind } from './work-kind.js';

const whole = z.int().min(1);

const planSchema = z.strictObject({
  /** What `loadBackbone` takes. */
  backbone: z.string(),
  preprocessing: z.enum(['own', 'featinv']),
  layer: z.string(),
  /** Side of the middle squares; null: the classifier's own crop. */
  size: whole.nullable(),
  /** Address of the feature set: weights of another version give another one. */
  set: z.string(),
  batch: whole,
  /** Key of the list of files, and how many pictures each holds: one, or those of an archive. */
  files: z.string(),
  counts: z.array(z.int().min(0)).min(1),
});

type FeaturesWork = z.infer<typeof planSchema>;

const recordSchema = z.strictObject({
  /** Of the pictures' bytes, in order; null for those that cannot be read. */
  hashes: z.array(z.string().nullable()),
  errors: z.array(z.string()),
});

/** Pictures of a unit. */
const UNIT_PICTURES = 128;

/** The shard that a file of a cache belongs to. */
const shardOf = (name: string): string | undefined =>
  /([0-9a-f]{24})\.(?:json|safetensors)$/.exec(name)?.[1];

const recordName = (unit: number): string => `records/${String(unit).padStart(5, '0')}.json`;

const sum = (counts: readonly number[]): number =>
  counts.reduce((total, count) => total + count, 0);

export const featuresWork = workKind<FeaturesWork>({
  name: 'features',
  schema: planSchema,
  units: ({ counts }) => Math.ceil(sum(counts) / UNIT_PICTURES),
  resultName: (_, unit) => receiptName(unit),
  async open(plan, { storage, results, session: options }) {
    const { root, files, fetch } = await openSharedFiles(storage, plan.files);
    const { backbone, preprocessing, layer, size, batch } = plan;
    const set = await featureSet(await loadBackbone(backbone, { preprocessing }), {
      ...{ layer, size: size ?? undefined },
    });
    if (set.address !== plan.set) {
      throw new InputError(
        `this machine's ${backbone} is another one than was asked for: give it the same weights and version`,
      );
    }
    const session = await openFeatureSession(set, batch, options);
    const reader = openPictureReader(set.preparation, decodeThreads(options));
    const lists = new Map<string, Promise<PictureEntry[]>>();
    const picturesOf = (file: string): Promise<PictureEntry[]> => {
      // What is wrong within an archive was told where it was submitted.
      const listed =
        lists.get(file) ?? fetch(file).then(() => listPictures([file], () => undefined));
      lists.set(file, listed);
      listed.catch(() => lists.delete(file));
      return listed;
    };
    return {
      async run(unit) {
        const entries = await entriesOf(plan, unit, files, picturesOf);
        await inTemporaryFolder(async (folder) => {
          const cache = await FeatureCache.open(folder, set, () => undefined);
          const errors: string[] = [];
          const named = (text: string): string => text.replaceAll(path.join(root, path.sep), '');
          const { hashes } = await fillCache(
            cache,
            entries,
            { session, reader, batch },
            {
              onUnreadable: ({ message }) => errors.push(named(message)),
            },
          );
          const written = await readdir(folder, { recursive: true });
          const shards = written.filter((name) => shardOf(name) !== undefined).sort();
          const record = recordName(unit);
          await mkdir(path.dirname(path.join(folder, record)));
          await writeAtomic(path.join(folder, record), JSON.stringify({ hashes, errors }));
          await deliver(storage, results, unit, folder, [...shards, record]);
        });
      },
      async dispose() {
        await reader.close();
        await session.dispose();
      },
    };
  },
});

/** Of a unit, in order; only the files that hold them are fetched. */
async function entriesOf(
  { counts }: FeaturesWork,
  unit: number,
  files: readonly string[],
  picturesOf: (file: string) => Promise<PictureEntry[]>,
): Promise<PictureEntry[]> {
  const start = unit * UNIT_PICTURES;
  const end = start + UNIT_PICTURES;
  const entries: PictureEntry[] = [];
  let first = 0;
  for (const [i, count] of counts.entries()) {
    const from = Math.max(start - first, 0);
    const to = Math.min(end - first, count);
    if (from < to) {
      const listed = await picturesOf(files[i]!);
      if (listed.length !== count) {
        throw new WorkError(`${files[i]} holds ${listed.length} pictures instead of ${count}`);
      }
      entries.push(...listed.slice(from, to));
    }
    first += count;
  }
  return entries;
}

/** The plan for workers; `reference` is what the user called the classifier. */
export async function planFeatures(
  storage: Storage,
  { layer, preparation, address }: FeatureSet,
  entries: readonly PictureEntry[],
  options: Pick<FeaturesWork, 'backbone' | 'preprocessing' | 'batch'>,
): Promise<FeaturesWork> {
  const counts = new Map<string, number>();
  for (const { file } of entries) counts.set(file, (counts.get(file) ?? 0) + 1);
  return {
    ...options,
    ...{ layer, size: preparation.kind === 'square' ? preparation.size : null, set: address },
    files: await shareFiles(storage, 'images', commonRoot([...counts.keys()])),
    counts: [...counts.values()],
  };
}

/** Takes what workers made into a cache; see `collectUnits`. `accept` hears of each unit's pictures once, in any order. */
export function collectFeatureShards(
  storage: Storage,
  { results }: SharedPlan,
  cache: FeatureCache,
  units: Iterable<number>,
  accept: (
    unit: number,
    first: number,
    hashes: readonly (string | null)[],
    errors: readonly string[],
  ) => void,
): Promise<string[]> {
  return collectUnits(storage, results, units, async (unit, files) => {
    const name = recordName(unit);
    const source = `${results}/${name}`;
    const record = parseConfig(
      recordSchema,
      parseJson(files.get(name) ?? new Uint8Array(), source),
      source,
    );
    const shards = new Set([...files.keys()].flatMap((file) => shardOf(file) ?? []));
    for (const shard of shards) {
      const at = (kind: string): Uint8Array | undefined =>
        [...files].find(([file]) => file.endsWith(`${shard}.${kind}`))?.[1];
      await cache.accept(shard, at('safetensors'), at('json'));
    }
    for (const hash of record.hashes) {
      if (hash === null || (await cache.has(hash))) continue;
      throw new InputError(`${source} names a picture whose map was not delivered`);
    }
    accept(unit, unit * UNIT_PICTURES, record.hashes, record.errors);
  });
}
