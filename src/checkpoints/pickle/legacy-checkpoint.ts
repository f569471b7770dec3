import { DTYPE_BYTES } from '../dtypes.js';
import type { OpenFile } from '../open-file.js';
import { ByteCursor } from './byte-cursor.js';
import { invalidCheckpoint } from './invalid-checkpoint.js';
import type { PickledCheckpoint } from './pickled-checkpoint.js';
import { readPickle } from './read-pickle.js';
import { Storages } from './storages.js';
import type { StorageRange } from './tensor-layout.js';
import { isKind, type PickleStorage, type PickleValue } from './values.js';

/** The first of the pickles that make up a file of PyTorch before 1.6. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
/** Before each storage stands its length. */
const LENGTH_BYTES = 8;

/**
 * Reads the format of PyTorch 0.2 to 1.5, or of `_use_new_zipfile_serialization=False`: pickles of a
 * magic number, a protocol, the machine's sizes, the object and the keys of its storages, which follow
 * raw and little-endian whatever the machine.
 */
export function readLegacyCheckpoint(file: OpenFile): PickledCheckpoint {
  const { path } = file;
  const cursor = new ByteCursor(file, 0, file.byteLength);
  const plain = (): PickleValue => readPickle(path, cursor, () => unexpectedStorage(path));
  if (plain() !== MAGIC) {
    throw invalidCheckpoint(path, 'it is a pickle that torch.save did not write');
  }
  const protocol = plain();
  if (protocol !== PROTOCOL) {
    throw invalidCheckpoint(path, `its protocol is not ${PROTOCOL}`);
  }
  plain();
  const storages = new Storages(path);
  const root = readPickle(path, cursor, (id) => storages.resolve(id));
  const pickleBytes = cursor.position;
  const keys = plain();
  const ranges = storageRanges(file, cursor.position, keys, storages.byKey);
  return { root, pickleBytes, littleEndian: true, locate: ({ key }) => ranges.get(key) };
}

function unexpectedStorage(path: string): never {
  throw invalidCheckpoint(path, 'it refers to a storage outside its state dict');
}

/** Walks over the storages, which stand in the order of `keys`. */
function storageRanges(
  file: OpenFile,
  start: number,
  keys: PickleValue,
  storages: ReadonlyMap<string, PickleStorage>,
): Map<string, StorageRange> {
  const fail = (reason: string): Error => invalidCheckpoint(file.path, reason);
  if (!isKind(keys, 'list')) throw fail('it has no list of its storages');
  const ranges = new Map<string, StorageRange>();
  let at = start;
  for (const key of keys.items) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined) throw fail('it lists a storage that its pickle does not use');
    const name = JSON.stringify(storage.key);
    if (at + LENGTH_BYTES > file.byteLength) throw fail(`it is truncated before storage ${name}`);
    const length = file.read(at, LENGTH_BYTES).readBigInt64LE();
    if (length !== BigInt(storage.length)) {
      throw fail(`storage ${name} has ${length} elements where ${storage.length} were announced`);
    }
    const byteLength = storage.length * DTYPE_BYTES[storage.dtype];
    if (at + LENGTH_BYTES + byteLength > file.byteLength) {
      throw fail(`it is truncated amid storage ${name}`);
    }
    ranges.set(storage.key, { offset: at + LENGTH_BYTES, byteLength });
    at += LENGTH_BYTES + byteLength;
  }
  return ranges;
}
