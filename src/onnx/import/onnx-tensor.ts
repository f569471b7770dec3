/** TensorProto: values in the model, or beside it in a file of their own. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import { fromFloat16 } from '../../checkpoints/float16.js';
import { InputError } from '../../errors.js';
import { fileErrorReason } from '../../files.js';
import {
  bytesOf,
  doublesOf,
  floatsOf,
  integerOf,
  integersOf,
  textsOf,
} from '../protobuf-reader.js';
import type { HostArray } from './host-array.js';

const FIELD = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  rawData: 9,
  doubleData: 10,
  externalData: 13,
  dataLocation: 14,
} as const;

/** TensorProto.DataType, as far as models hold them. */
const FLOAT = 1;
const FLOAT16 = 10;
const DOUBLE = 11;
const INTEGERS: Readonly<
  Record<number, { bytes: number; read: (v: DataView, at: number) => number }>
> = {
  2: { bytes: 1, read: (v, at) => v.getUint8(at) },
  3: { bytes: 1, read: (v, at) => v.getInt8(at) },
  5: { bytes: 2, read: (v, at) => v.getInt16(at, true) },
  6: { bytes: 4, read: (v, at) => v.getInt32(at, true) },
  7: { bytes: 8, read: (v, at) => Number(v.getBigInt64(at, true)) },
  9: { bytes: 1, read: (v, at) => v.getUint8(at) },
};
const BOOL = 9;

/** Reads a TensorProto; external data lie below `folder`. Throws InputError naming `what`. */
export function readTensor(message: Uint8Array, folder: string, what: string): HostArray {
  const shape = integersOf(message, FIELD.dims).map(Number);
  const type = Number(integerOf(message, FIELD.dataType) ?? 0n);
  const size = shape.reduce((a, b) => a * b, 1);
  const raw =
    integerOf(message, FIELD.dataLocation) === 1n
      ? readExternal(message, folder, what)
      : bytesOf(message, FIELD.rawData)[0];
  const data = raw === undefined ? listed(message, type) : fromBytes(raw, type);
  if (data === undefined) {
    throw new InputError(
      `${what} has the data type ${type}; float, double, half, integers and booleans are read`,
    );
  }
  if (data.length !== size) {
    throw new InputError(
      `${what} holds ${data.length} values, its shape [${shape.join(',')}] has ${size}`,
    );
  }
  const kind = data instanceof Float32Array ? 'float' : type === BOOL ? 'boolean' : 'integer';
  return { kind, shape, data };
}

function fromBytes(bytes: Uint8Array, type: number): HostArray['data'] | undefined {
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer);
  const count = (each: number): number => Math.floor(copy.length / each);
  if (type === FLOAT) return new Float32Array(copy.buffer, 0, count(4));
  if (type === FLOAT16) return fromFloat16(new Uint16Array(copy.buffer, 0, count(2)));
  if (type === DOUBLE) return Float32Array.from(new Float64Array(copy.buffer, 0, count(8)));
  const integer = INTEGERS[type];
  if (integer === undefined) return undefined;
  const { bytes: each, read } = integer;
  return Float64Array.from({ length: count(each) }, (_, i) => read(view, i * each));
}

/** Values in typed fields. */
function listed(message: Uint8Array, type: number): HostArray['data'] | undefined {
  if (type === FLOAT) return floatsOf(message, FIELD.floatData);
  if (type === DOUBLE) return Float32Array.from(doublesOf(message, FIELD.doubleData));
  if (type === FLOAT16) {
    return fromFloat16(Uint16Array.from(integersOf(message, FIELD.int32Data), Number));
  }
  if (INTEGERS[type] === undefined) return undefined;
  const field = type === 7 ? FIELD.int64Data : FIELD.int32Data;
  return Float64Array.from(integersOf(message, field), Number);
}

function readExternal(message: Uint8Array, folder: string, what: string): Uint8Array {
  const entries = bytesOf(message, FIELD.externalData).map((entry): [string, string] => [
    textsOf(entry, 1)[0] ?? '',
    textsOf(entry, 2)[0] ?? '',
  ]);
  const {
    location = '',
    offset = '0',
    length,
  } = Object.fromEntries(entries) as Record<string, string | undefined>;
  const path = normalize(location);
  if (location === '' || isAbsolute(path) || path.startsWith('..')) {
    throw new InputError(`${what} lies in "${location}", which is not a file beside the model`);
  }
  const file = join(folder, path);
  let opened: number | undefined;
  try {
    opened = openSync(file, 'r');
    const rest = fstatSync(opened).size - Number(offset);
    const bytes = new Uint8Array(Number(length ?? rest));
    const read = readSync(opened, bytes, 0, bytes.length, Number(offset));
    if (read === bytes.length) return bytes;
  } catch (error) {
    throw new InputError(`cannot read ${file}, where ${what} lies: ${fileErrorReason(error)}`, {
      cause: error,
    });
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
  throw new InputError(`${file} ends inside ${what}`);
}
