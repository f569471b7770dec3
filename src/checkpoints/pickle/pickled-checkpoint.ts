import { checkpointFile, type CheckpointEntry, type CheckpointFile } from '../checkpoint-file.js';
import { DTYPE_BYTES } from '../dtypes.js';
import { withFile, type OpenFile } from '../open-file.js';
import { invalidCheckpoint } from './invalid-checkpoint.js';
import { readLayout, tensorLayout, type StorageRange, type TensorLayout } from './tensor-layout.js';
import { weightsOf, type TreeOptions } from './tensor-tree.js';
import type { PickleStorage, PickleValue } from './values.js';

/** What the two formats of PyTorch have in common. */
export interface PickledCheckpoint {
  readonly root: PickleValue;
  readonly pickleBytes: number;
  readonly littleEndian: boolean;
  /** Undefined when the file does not hold the storage. */
  readonly locate: (storage: PickleStorage) => StorageRange | undefined;
}

/** A checkpoint of PyTorch, its tensors named as in the state dict. */
export interface PickledFile extends CheckpointFile {
  /** Keys around the state dict, from the root. */
  readonly wrappers: readonly string[];
  /** Tensors beside the state dict, which are not among the entries. */
  readonly outside: number;
}

interface PlacedEntry extends CheckpointEntry {
  readonly layout: TensorLayout;
}

/** Opens a checkpoint of PyTorch that `readFormat` describes. Throws InputError where it is invalid. */
export function openPickled(
  path: string,
  readFormat: (file: OpenFile) => PickledCheckpoint,
  options: Pick<TreeOptions, 'unwrap'>,
): PickledFile {
  return withFile(path, (file) => {
    const { root, pickleBytes, littleEndian, locate } = readFormat(file);
    const tree = weightsOf(path, root, { ...options, pickleBytes });
    const located = new Map<PickleStorage, StorageRange>();
    const entries = new Map<string, PlacedEntry>();
    for (const [name, tensor] of tree.tensors) {
      const { storage, dtype, shape } = tensor;
      const range = located.get(storage) ?? checkedRange(path, storage, locate(storage));
      located.set(storage, range);
      const layout = tensorLayout(path, name, tensor, range, file.byteLength);
      const { byteLength, contiguous, elementBytes } = layout;
      const mappable = littleEndian && contiguous && layout.offset % elementBytes === 0;
      const offset = mappable ? layout.offset : undefined;
      entries.set(name, { dtype, shape, byteLength, offset, layout });
    }
    const opened = checkpointFile(path, entries, tree.metadata, ({ layout }) =>
      withFile(path, (again) => readLayout(again, layout, littleEndian)),
    );
    return { ...opened, wrappers: tree.wrappers, outside: tree.outside };
  });
}

function checkedRange(
  path: string,
  { key, dtype, length }: PickleStorage,
  found: StorageRange | undefined,
): StorageRange {
  if (found === undefined) {
    throw invalidCheckpoint(path, `it lacks the data of storage ${JSON.stringify(key)}`);
  }
  const byteLength = length * DTYPE_BYTES[dtype];
  if (found.byteLength < byteLength) {
    throw invalidCheckpoint(
      path,
      `storage ${JSON.stringify(key)} should have ${byteLength} bytes, it has ${found.byteLength}`,
    );
  }
  return { offset: found.offset, byteLength };
}
