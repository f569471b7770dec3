import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { InputError, WorkError } from '../errors.js';
import { fileErrorReason, writeAtomic } from '../files.js';
import { nearest } from '../nearest.js';
import { fromBfloat16, fromFloat16, toFloat16 } from './float16.js';
import type { NamedTensors } from './named-tensors.js';
import {
  corrupt,
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  parseHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './safetensors-header.js';

export type { SafetensorsDType, SafetensorsEntry } from './safetensors-header.js';

/** An open checkpoint: its header is in memory and checked, its tensors are read when asked for. */
export interface SafetensorsFile extends SafetensorsHeader {
  readonly path: string;
  /** The values of one tensor as float32. Throws InputError for an unknown name or dtype. */
  read(name: string): Float32Array;
}

/** Reads at most this much at once: larger single reads fail on some systems. */
const READ_CHUNK_BYTES = 2 ** 30;

/** Reads and checks the header alone. Throws InputError if the file is missing, truncated or corrupt. */
export function openSafetensors(path: string): SafetensorsFile {
  const header = withFile(path, (file, fileBytes) => {
    if (fileBytes < LENGTH_BYTES) throw corrupt(path, `it has only ${fileBytes} bytes`);
    const length = readBytes(path, file, 0, LENGTH_BYTES).readBigUInt64LE();
    if (length > BigInt(MAX_HEADER_BYTES) || length > BigInt(fileBytes - LENGTH_BYTES)) {
      throw corrupt(
        path,
        `its first 8 bytes announce a header of ${length} bytes, the file has ${fileBytes}`,
      );
    }
    return parseHeader(path, readBytes(path, file, LENGTH_BYTES, Number(length)), fileBytes);
  });
  return {
    path,
    ...header,
    read: (name) => {
      const entry = header.entries.get(name);
      if (!entry) throw missingTensor(path, name, [...header.entries.keys()]);
      const bytes = withFile(path, (file) => readBytes(path, file, entry.offset, entry.byteLength));
      return toFloat32(path, name, entry, bytes);
    },
  };
}

/** All tensors of a file as float32. Throws InputError as `openSafetensors` does. */
export function readSafetensors(path: string): NamedTensors {
  const file = openSafetensors(path);
  return new Map(
    [...file.entries].map(([name, { shape }]) => [name, { shape, data: file.read(name) }]),
  );
}

export interface WriteOptions {
  /** Storage of every tensor; F16 rounds to nearest even. Default F32. */
  readonly dtype?: 'F32' | 'F16';
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes a checkpoint atomically. Equal tensors, dtype and metadata give equal bytes: names are sorted
 * and the data begin at a multiple of 8 bytes. Throws WorkError when a finite value exceeds float16.
 */
export async function writeSafetensors(
  path: string,
  tensors: NamedTensors,
  options: WriteOptions = {},
): Promise<void> {
  await writeAtomic(path, encodeSafetensors(tensors, options));
}

/** The bytes that `writeSafetensors` writes. */
export function encodeSafetensors(tensors: NamedTensors, options: WriteOptions = {}): Uint8Array {
  const { dtype = 'F32', metadata } = options;
  const elementBytes = dtype === 'F32' ? 4 : 2;
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  const header: [string, unknown][] = metadata ? [['__metadata__', sortedRecord(metadata)]] : [];
  let end = 0;
  for (const [name, { shape, data }] of sorted) {
    if (name === '__metadata__') {
      throw new WorkError('a tensor cannot be called __metadata__: the format reserves the name');
    }
    if (shape.reduce((product, size) => product * size, 1) !== data.length) {
      throw new WorkError(
        `tensor "${name}" of shape [${shape.join(',')}] holds ${data.length} values`,
      );
    }
    const begin = end;
    end += data.length * elementBytes;
    header.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const json = Buffer.from(jsonObject(header), 'utf8');
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const out = Buffer.alloc(LENGTH_BYTES + headerBytes + end, ' ');
  out.writeBigUInt64LE(BigInt(headerBytes));
  json.copy(out, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  for (const [name, { data }] of sorted) {
    const values = dtype === 'F32' ? data : checkedFloat16(name, data);
    out.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return out;
}

/** Says that a checkpoint lacks a tensor and which name was perhaps meant. */
export function missingTensor(path: string, name: string, names: readonly string[]): InputError {
  const near = nearest(name, names);
  const hint = near === undefined ? `it holds ${names.length} others` : `did you mean "${near}"?`;
  return new InputError(`${path} has no tensor "${name}": ${hint}`);
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

function toFloat32(
  path: string,
  name: string,
  entry: SafetensorsEntry,
  bytes: Buffer,
): Float32Array {
  // The bytes are a fresh allocation, so every element type finds them aligned.
  const { buffer } = bytes;
  switch (entry.dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return fromFloat16(new Uint16Array(buffer));
    case 'BF16':
      return fromBfloat16(new Uint16Array(buffer));
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case 'U64':
      return Float32Array.from(new BigUint64Array(buffer), Number);
    case 'I32':
      return Float32Array.from(new Int32Array(buffer));
    case 'U32':
      return Float32Array.from(new Uint32Array(buffer));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer));
    case 'U16':
      return Float32Array.from(new Uint16Array(buffer));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer));
    case 'U8':
    case 'BOOL':
      return Float32Array.from(new Uint8Array(buffer));
    case 'F8_E4M3':
    case 'F8_E5M2':
      throw new InputError(
        `${path}: tensor "${name}" is stored as ${entry.dtype}; convert it to F16 or F32`,
      );
  }
}

function withFile<T>(path: string, use: (file: number, fileBytes: number) => T): T {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const status = fstatSync(file);
    if (!status.isFile()) throw new InputError(`${path} is not a file; give a .safetensors file`);
    return use(file, status.size);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot read ${path}: ${fileErrorReason(error)}`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** In a buffer of its own, so that it is aligned and holds nothing else. */
function readBytes(path: string, file: number, position: number, length: number): Buffer {
  const out = Buffer.from(new ArrayBuffer(length));
  let done = 0;
  while (done < length) {
    const want = Math.min(READ_CHUNK_BYTES, length - done);
    const got = readSync(file, out, done, want, position + done);
    if (got === 0) throw corrupt(path, `it ends at byte ${position + done}: it is truncated`);
    done += got;
  }
  return out;
}
