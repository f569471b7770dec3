import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import { toFloat32, type StoredDType } from './dtypes.js';

/** What is known of one stored tensor before it is read. */
export interface CheckpointEntry {
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  /** Of the values alone. */
  readonly byteLength: number;
  /**
   * Position in the file of row-major, little-endian values, which can be mapped from there. Undefined
   * where they are a strided view, misaligned or big-endian and have to be read.
   */
  readonly offset?: number | undefined;
  /** The file that holds the values, where it is not the checkpoint's own. */
  readonly path?: string | undefined;
}

/** What stands beside the tensors. */
export type CheckpointMetadata = Readonly<Record<string, string | number | boolean | null>>;

/** An open checkpoint of any format: what it holds is known and checked, values are read when asked for. */
export interface CheckpointFile {
  readonly path: string;
  readonly entries: ReadonlyMap<string, CheckpointEntry>;
  readonly metadata: CheckpointMetadata;
  /** The values of one tensor as float32. Throws InputError for an unknown name or dtype. */
  read(name: string): Float32Array;
  /** The values as they are stored: row-major and little-endian, in a buffer of their own. */
  readBytes(name: string): Uint8Array<ArrayBuffer>;
}

/** A checkpoint from its entries and a way to get the bytes of one. */
export function checkpointFile<Entry extends CheckpointEntry, Metadata extends CheckpointMetadata>(
  path: string,
  entries: ReadonlyMap<string, Entry>,
  metadata: Metadata,
  bytesOf: (entry: Entry, name: string) => Uint8Array<ArrayBuffer>,
): CheckpointFile & { entries: ReadonlyMap<string, Entry>; metadata: Metadata } {
  const find = (name: string): Entry => {
    const entry = entries.get(name);
    if (entry === undefined) throw missingTensor(path, name, [...entries.keys()]);
    return entry;
  };
  return {
    path,
    entries,
    metadata,
    readBytes: (name: string) => bytesOf(find(name), name),
    read: (name: string) => {
      const entry = find(name);
      return toFloat32(path, name, entry.dtype, bytesOf(entry, name));
    },
  };
}

/**
 * The tensors whose names begin with `prefix`, such as `module.`, under what follows it; the others are
 * left out. Throws InputError when there is none.
 */
export function stripPrefix(file: CheckpointFile, prefix: string): CheckpointFile {
  const entries = new Map<string, CheckpointEntry>();
  for (const [name, entry] of file.entries) {
    if (name.startsWith(prefix)) entries.set(name.slice(prefix.length), entry);
  }
  if (entries.size === 0) {
    throw new InputError(`${file.path} has no tensor whose name begins with "${prefix}"`);
  }
  return checkpointFile(file.path, entries, file.metadata, (_, name) =>
    file.readBytes(prefix + name),
  );
}

/** Says that a checkpoint lacks a tensor and which name was perhaps meant. */
export function missingTensor(path: string, name: string, names: readonly string[]): InputError {
  const near = nearest(name, names);
  const hint = near === undefined ? `it holds ${names.length} others` : `did you mean "${near}"?`;
  return new InputError(`${path} has no tensor "${name}": ${hint}`);
}
