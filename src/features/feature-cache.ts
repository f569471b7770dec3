/** Feature maps on disk, so that each picture is looked at once. */
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fromFloat16 } from '../checkpoints/float16.js';
import { withFile } from '../checkpoints/open-file.js';
import { openSafetensors, type SafetensorsFile } from '../checkpoints/safetensors.js';
import { InputError } from '../errors.js';
import { ensureWritableDirectory, writeAtomic } from '../files.js';
import {
  checkShard,
  dataName,
  indexName,
  readShardIndex,
  removeShard,
  writeShard,
  type PictureFeatures,
  type ShardIndex,
} from './cache-shard.js';
import type { FeatureSet } from './feature-set.js';

/** Pictures of a shard, and the most bytes of their maps: what a crash may cost, and what is held in memory. */
const SHARD_PICTURES = 128;
const SHARD_BYTES = 2 ** 25;

interface Place {
  readonly shard: string;
  readonly row: number;
}

/**
 * The maps of one feature set below a folder: `ADDRESS/set.json` and shards. A picture is found by the hash of its
 * bytes, wherever it lies now. Values are rounded to float16, logits are not.
 */
export class FeatureCache {
  private readonly places = new Map<string, Place>();
  private readonly indexes = new Map<string, ShardIndex>();
  private readonly checked = new Map<string, Promise<boolean>>();
  private pending: PictureFeatures[] = [];
  private open: { shard: string; file: SafetensorsFile } | undefined;

  private constructor(
    /** Folder of the set. */
    readonly directory: string,
    readonly set: FeatureSet,
    private readonly onDamage: (error: InputError) => void,
  ) {}

  /**
   * Opens or begins the set's cache. A shard that is missing, cut short or changed goes to `onDamage`, now or when
   * it is first asked for, and is removed: its pictures count as never looked at.
   */
  static async open(
    folder: string,
    set: FeatureSet,
    onDamage: (error: InputError) => void,
  ): Promise<FeatureCache> {
    await ensureWritableDirectory(folder, '--cache');
    const directory = path.join(folder, set.address.slice(0, 32));
    await mkdir(directory, { recursive: true });
    const { backbone, layer, shape, preparation, weights, address } = set;
    const described = {
      ...{ schemaVersion: 1, address, backbone: backbone.id, weights, layer, shape, preparation },
      tensors: {
        maps: 'F16 [pictures, channels, height, width]',
        logits: 'F32 [pictures, classes]',
      },
    };
    await writeAtomic(path.join(directory, 'set.json'), `${JSON.stringify(described, null, 2)}\n`);
    const cache = new FeatureCache(directory, set, onDamage);
    const shards = (await readdir(directory)).flatMap(
      (name) => /^([0-9a-f]{24})\.json$/.exec(name)?.[1] ?? [],
    );
    for (const shard of shards.sort()) await cache.adopt(shard);
    return cache;
  }

  /** Pictures whose maps are here. */
  get size(): number {
    return this.places.size + this.pending.length;
  }

  /** Whether a picture's map is here and whole. */
  async has(sha256: string): Promise<boolean> {
    if (this.pending.some((row) => row.sha256 === sha256)) return true;
    const place = this.places.get(sha256);
    return place !== undefined && (await this.isWhole(place.shard));
  }

  /** Takes a picture's map; it is on disk when its shard is full, or after `flush`. */
  async add(features: PictureFeatures): Promise<void> {
    this.pending.push(features);
    const mapBytes = 2 * features.map.length;
    if (this.pending.length >= Math.max(1, Math.min(SHARD_PICTURES, SHARD_BYTES / mapBytes))) {
      await this.flush();
    }
  }

  async flush(): Promise<void> {
    if (this.pending.length === 0) return;
    const shard = await writeShard(this.directory, this.set.shape, this.pending);
    this.pending = [];
    this.checked.set(shard, Promise.resolve(true));
    await this.adopt(shard);
  }

  /** A picture's map and logits; undefined where it has to be looked at. */
  async read(sha256: string): Promise<Pick<PictureFeatures, 'map' | 'logits'> | undefined> {
    await this.flush();
    const place = this.places.get(sha256);
    if (place === undefined || !(await this.isWhole(place.shard))) return undefined;
    return { map: this.readRow(place, 'maps'), logits: this.readRow(place, 'logits') };
  }

  /** Takes a shard that another machine made. Throws InputError where it is not whole. */
  async accept(
    shard: string,
    data: Uint8Array | undefined,
    index: Uint8Array | undefined,
  ): Promise<void> {
    if (this.indexes.has(shard) && (await this.isWhole(shard))) return;
    if (data === undefined || index === undefined) {
      throw new InputError(`a part of the shard ${shard} is missing`);
    }
    await writeAtomic(path.join(this.directory, dataName(shard)), data);
    await writeAtomic(path.join(this.directory, indexName(shard)), index);
    this.checked.delete(shard);
    await this.adopt(shard);
    if (!this.indexes.has(shard) || !(await this.isWhole(shard))) {
      throw new InputError(`the shard ${shard} that a worker made is damaged`);
    }
  }

  /** Makes the rows of a shard known that lies in the folder. */
  private async adopt(shard: string): Promise<void> {
    try {
      const index = await readShardIndex(this.directory, shard);
      this.indexes.set(shard, index);
      index.pictures.forEach(({ sha256 }, row) => this.places.set(sha256, { shard, row }));
    } catch (error) {
      await this.drop(shard, error);
    }
  }

  /** Looks at all bytes of a shard once. */
  private isWhole(shard: string): Promise<boolean> {
    const known = this.checked.get(shard) ?? this.check(shard);
    this.checked.set(shard, known);
    return known;
  }

  private async check(shard: string): Promise<boolean> {
    try {
      await checkShard(this.directory, shard, this.indexes.get(shard)!, this.set.shape);
      return true;
    } catch (error) {
      await this.drop(shard, error);
      return false;
    }
  }

  private async drop(shard: string, error: unknown): Promise<void> {
    if (!(error instanceof InputError)) throw error;
    this.onDamage(
      new InputError(`${error.message}; the pictures of this shard are looked at again`, {
        cause: error,
      }),
    );
    for (const { sha256 } of this.indexes.get(shard)?.pictures ?? []) {
      if (this.places.get(sha256)?.shard === shard) this.places.delete(sha256);
    }
    this.indexes.delete(shard);
    this.checked.delete(shard);
    await removeShard(this.directory, shard);
  }

  private readRow({ shard, row }: Place, name: 'maps' | 'logits'): Float32Array {
    if (this.open?.shard !== shard) {
      this.open = { shard, file: openSafetensors(path.join(this.directory, dataName(shard))) };
    }
    const { offset, byteLength, shape } = this.open.file.entries.get(name)!;
    const rowBytes = byteLength / shape[0]!;
    const { buffer } = withFile(this.open.file.path, (file) =>
      file.read(offset + row * rowBytes, rowBytes),
    );
    return name === 'maps' ? fromFloat16(new Uint16Array(buffer)) : new Float32Array(buffer);
  }
}
