import { WorkError } from '../errors.js';
import { writeAtomic } from '../files.js';
import { elementCount, DTYPE_BYTES, type StoredDType } from './dtypes.js';
import { toFloat16 } from './float16.js';
import type { NamedTensors } from './named-tensors.js';
import { LENGTH_BYTES } from './safetensors-header.js';

export interface WriteOptions {
  /** Storage of every tensor; F16 rounds to nearest even. Default F32. */
  readonly dtype?: 'F32' | 'F16';
  readonly metadata?: Readonly<Record<string, string>>;
}

/** One tensor to write. */
export interface TensorSource {
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  /** Little-endian values; asked for once, when their turn to be written comes. */
  readonly bytes: () => Uint8Array;
}

/**
 * Writes a checkpoint atomically, one tensor after another. Equal tensors, dtype and metadata give equal bytes: names are sorted
 * and the data begin at a multiple of 8 bytes. Throws WorkError when a finite value exceeds float16.
 */
export async function writeSafetensors(
  path: string,
  tensors: NamedTensors,
  options: WriteOptions = {},
): Promise<void> {
  await writeAtomic(path, chunksOf(tensors, options));
}

/** The bytes that `writeSafetensors` writes. */
export function encodeSafetensors(tensors: NamedTensors, options: WriteOptions = {}): Uint8Array {
  return Buffer.concat([...chunksOf(tensors, options)]);
}

function chunksOf(tensors: NamedTensors, options: WriteOptions): Iterable<Uint8Array> {
  const { dtype = 'F32', metadata } = options;
  const sources = [...tensors].map(([name, { shape, data }]): [string, TensorSource] => [
    name,
    { dtype, shape, bytes: () => floatBytes(name, data, dtype) },
  ]);
  return safetensorsChunks(new Map(sources), metadata);
}

/** The bytes of float32 values stored as `dtype`. Throws WorkError when a finite value exceeds float16. */
export function floatBytes(name: string, data: Float32Array, dtype: 'F32' | 'F16'): Uint8Array {
  const values = dtype === 'F32' ? data : checkedFloat16(name, data);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The file in pieces, the header first and then one piece for each tensor: one is held at a time. */
export function* safetensorsChunks(
  tensors: ReadonlyMap<string, TensorSource>,
  metadata?: Readonly<Record<string, string>>,
): Generator<Uint8Array, void, undefined> {
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  const header: [string, unknown][] = metadata ? [['__metadata__', sortedRecord(metadata)]] : [];
  let end = 0;
  for (const [name, { dtype, shape }] of sorted) {
    if (name === '__metadata__') {
      throw new WorkError('a tensor cannot be called __metadata__: the format reserves the name');
    }
    const begin = end;
    end += elementCount(shape) * DTYPE_BYTES[dtype];
    header.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const json = Buffer.from(jsonObject(header), 'utf8');
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const head = Buffer.alloc(LENGTH_BYTES + headerBytes, ' ');
  head.writeBigUInt64LE(BigInt(headerBytes));
  json.copy(head, LENGTH_BYTES);
  yield head;
  for (const [name, { dtype, shape, bytes }] of sorted) {
    const chunk = bytes();
    const held = chunk.length / DTYPE_BYTES[dtype];
    if (held !== elementCount(shape)) {
      throw new WorkError(`tensor "${name}" of shape [${shape.join(',')}] holds ${held} values`);
    }
    yield chunk;
  }
}

/** Unlike an object, written in the given order even when names look like array indices. */
function jsonObject(members: readonly (readonly [string, unknown])[]): string {
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
}

function sortedRecord(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function checkedFloat16(name: string, data: Float32Array): Uint16Array {
  const half = toFloat16(data);
  const lost = half.findIndex((bits, i) => (bits & 0x7fff) === 0x7c00 && Number.isFinite(data[i]));
  if (lost !== -1) {
    throw new WorkError(
      `tensor "${name}" holds ${data[lost]}, beyond the largest float16, 65504: store it as F32`,
    );
  }
  return half;
}
