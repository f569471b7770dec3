import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBackbone } from '../../src/backbones/index.js';
import { fromFloat16, toFloat16 } from '../../src/checkpoints/float16.js';
import { openSafetensors } from '../../src/checkpoints/safetensors.js';
import {
  collectFeatures,
  type CollectFeaturesOptions,
} from '../../src/features/collect-features.js';
import { FeatureCache } from '../../src/features/feature-cache.js';
import { featureSet, type FeatureSet } from '../../src/features/feature-set.js';
import { listPictures, type PictureEntry } from '../../src/features/list-pictures.js';
import { ThreadedReader } from '../../src/features/picture-reader.js';
import { encodePng } from '../../src/images/png.js';
import { packageRoot } from '../../src/package-root.js';
import { Random } from '../../src/random.js';
import { tarArchive } from './tar-archive.js';

const PICTURES = 11;
let folder: string;
let set: FeatureSet;
let entries: PictureEntry[];
const at = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'featinv-cache-'));
  mkdirSync(at('pictures'));
  for (let i = 0; i < PICTURES; i++) {
    const random = new Random(i);
    const data = Uint8Array.from({ length: 24 * 20 * 3 }, () => random.int(256));
    writeFileSync(
      at(`pictures/${String(i).padStart(2, '0')}.png`),
      await encodePng({ width: 24, height: 20, data }),
    );
  }
  set = await featureSet(await loadBackbone('mobilenet_v1_025'), { layer: 'Conv2d_11_pointwise' });
  entries = await list(at('pictures'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const list = (place: string): Promise<PictureEntry[]> =>
  listPictures([place], (error) => expect.unreachable(error.message));

/** Fills the cache `name`, telling what was found broken. */
async function fill(
  name: string,
  of: readonly PictureEntry[],
  options: CollectFeaturesOptions = {},
) {
  const told: string[] = [];
  const cache = await FeatureCache.open(at(name), set, (error) => told.push(error.message));
  const collected = await collectFeatures(cache, of, {
    ...{ session: { threads: 1 }, decoders: 0, batch: 4 },
    onUnreadable: (error) => told.push(error.message),
    ...options,
  });
  return { ...collected, cache, told };
}

/** Content of all files of a cache, by name. */
function filesOf({ directory }: FeatureCache): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => [name, readFileSync(path.join(directory, name), 'base64')]),
  );
}

const shardOf = ({ directory }: FeatureCache): string =>
  path.join(
    directory,
    readdirSync(directory).find((name) => name.endsWith('.safetensors'))!,
  );

describe('a feature cache', () => {
  it('holds what the classifier gives, rounded to float16, in the order of the pictures', async () => {
    const { cache, computed, hashes } = await fill('whole', entries);
    expect(computed).toBe(PICTURES);
    const session = await set.backbone.open({ layer: set.layer, batch: 1, threads: 1 });
    const { preparePicture } = await import('../../src/features/prepare-picture.js');
    for (const [i, entry] of entries.entries()) {
      const { pixels, sha256 } = await preparePicture(entry, set.preparation);
      expect(hashes[i]).toBe(sha256);
      const { map, logits } = await session.run(pixels);
      const found = (await cache.read(sha256))!;
      // Runs of another size may sum in another order.
      const rounded = fromFloat16(toFloat16(map));
      expect(Math.max(...found.map.map((value, j) => Math.abs(value - rounded[j]!)))).toBeLessThan(
        4e-3,
      );
      expect(
        Math.max(...found.logits.map((value, j) => Math.abs(value - logits[j]!))),
      ).toBeLessThan(1e-4);
    }
    await session.dispose();
    const shard = openSafetensors(shardOf(cache));
    expect(shard.entries.get('maps')).toMatchObject({
      dtype: 'F16',
      shape: [PICTURES, ...set.shape],
    });
    const index = JSON.parse(
      readFileSync(shardOf(cache).replace(/safetensors$/, 'json'), 'utf8'),
    ) as { pictures: { name: string }[] };
    expect(index.pictures.map(({ name }) => name)).toEqual(entries.map(({ name }) => name));
  });

  it('looks at nothing twice, wherever the picture lies', async () => {
    const data = (i: number): Buffer => readFileSync(entries[i]!.file);
    const label = new TextEncoder().encode('7');
    const parts = [0, 3, 3, 5].map((i, k) => ({ name: `${k}.png`, data: data(i) }));
    writeFileSync(
      at('some.tar'),
      tarArchive(
        ...parts,
        { name: 'new.cls', data: label },
        {
          name: 'new.png',
          data: await encodePng({ width: 16, height: 16, data: new Uint8Array(768) }),
        },
      ),
    );
    const { computed, known, cache } = await fill('whole', await list(at('some.tar')));
    expect({ computed, known }).toEqual({ computed: 1, known: 4 });
    expect(
      Object.values(filesOf(cache)).some((file) =>
        Buffer.from(file, 'base64').toString().includes('"cls":7'),
      ),
    ).toBe(true);
    const twice = await fill('twice', [...entries.slice(0, 2), ...entries.slice(0, 2)]);
    expect(twice).toMatchObject({ computed: 2, known: 2 });
    expect(twice.hashes[2]).toBe(twice.hashes[0]);
  });

  it('is the same with threads that decode as without, and after a stop as in one go', async () => {
    const without = await fill('without', entries);
    const reader = new ThreadedReader(
      set.preparation,
      2,
      pathToFileURL(path.join(packageRoot(), 'tests/features/reader-entry.mjs')),
    );
    const threaded = await fill('threaded', entries, { reader });
    expect(filesOf(threaded.cache)).toEqual(filesOf(without.cache));
    const controller = new AbortController();
    const stopped = await fill('resumed', entries, {
      onProgress: (done) => done === 4 && controller.abort(),
      signal: controller.signal,
    });
    expect(stopped.hashes).toHaveLength(4);
    const { computed, known, cache, hashes } = await fill('resumed', entries);
    expect({ computed, known }).toEqual({ computed: PICTURES - 4, known: 4 });
    for (const hash of hashes)
      expect(await cache.read(hash!)).toEqual(await without.cache.read(hash!));
  });

  it.each<[string, (shard: string) => void, RegExp]>([
    [
      'cut short',
      (shard) => truncateSync(shard, 1000),
      /safetensors has 1000 bytes instead of \d+; the pictures of this shard are looked at again/,
    ],
    ['longer', (shard) => appendFileSync(shard, 'x'), /has \d+ bytes instead of/],
    [
      'changed in one bit',
      (shard) => {
        const bytes = readFileSync(shard);
        bytes[bytes.length - 100]! ^= 1;
        writeFileSync(shard, bytes);
      },
      /is not what was written: its hash is another one/,
    ],
    ['missing', (shard) => rmSync(shard), /safetensors is missing/],
    [
      'with an index that is none',
      (shard) => writeFileSync(shard.replace(/safetensors$/, 'json'), '{"schemaVersion":1}'),
      /json: "sha256" is missing/,
    ],
  ])('names a shard that is %s, and makes it again', async (name, damage, message) => {
    cpSync(at('without'), at(name), { recursive: true });
    const whole = await fill('without', entries);
    damage(shardOf(await FeatureCache.open(at(name), set, () => undefined)));
    const { computed, told, cache } = await fill(name, entries);
    expect(told).toEqual([expect.stringMatching(message)]);
    expect(computed).toBe(PICTURES);
    expect(filesOf(cache)).toEqual(filesOf(whole.cache));
  });

  it('goes on behind what is no picture', async () => {
    mkdirSync(at('mixed'));
    writeFileSync(at('mixed/a.png'), 'no picture');
    cpSync(entries[0]!.file, at('mixed/b.png'));
    writeFileSync(
      at('mixed/c.tar'),
      tarArchive(
        { name: 'x.jpg', data: Buffer.from('no picture either') },
        { name: 'y.cls', data: Buffer.from('seven') },
        { name: 'y.png', data: readFileSync(entries[1]!.file) },
      ),
    );
    const { hashes, told, unreadable } = await fill('mixed-cache', await list(at('mixed')));
    expect(hashes.map((hash) => hash !== null)).toEqual([false, true, false, false]);
    expect(unreadable).toBe(3);
    expect(told).toEqual(
      [
        /a\.png cannot be read/,
        /c\.tar\/x\.jpg cannot be read/,
        /y\.png, its \.cls must be valid JSON/,
      ].map((each) => expect.stringMatching(each) as string),
    );
  });
});
