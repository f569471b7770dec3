/** Reading of the protocol-buffer wire format, as much as a look into a ModelProto needs. */

/** Bytes that are not a message. */
export class ProtobufError extends Error {}

export interface Field {
  readonly number: number;
  /** Varints and fixed numbers as integers, everything else as a view of its bytes. */
  readonly value: bigint | Uint8Array;
}

/** The fields of a message in order. Throws ProtobufError for bytes that are not one. */
export function* readFields(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new ProtobufError('the message ends inside a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('a number has more than ten bytes');
  };
  const take = (length: number): Uint8Array => {
    if (length > message.length - at) throw new ProtobufError('a field is longer than its message');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (number === 0) throw new ProtobufError('a field has the number 0');
    if (wire === 0) yield { number, value: varint() };
    else if (wire === 1) yield { number, value: littleEndian(take(8)) };
    else if (wire === 2) yield { number, value: take(Number(varint())) };
    else if (wire === 5) yield { number, value: littleEndian(take(4)) };
    else throw new ProtobufError(`a field has the unknown wire type ${wire}`);
  }
}

/** The bytes of each field `number`: texts and messages. */
export function bytesOf(message: Uint8Array, number: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const field of readFields(message)) {
    if (field.number === number && field.value instanceof Uint8Array) found.push(field.value);
  }
  return found;
}

/** The texts of each field `number`. */
export function textsOf(message: Uint8Array, number: number): string[] {
  return bytesOf(message, number).map((bytes) => new TextDecoder().decode(bytes));
}

/** The last integer field `number`. */
export function integerOf(message: Uint8Array, number: number): bigint | undefined {
  let found: bigint | undefined;
  for (const field of readFields(message)) {
    if (field.number === number && typeof field.value === 'bigint') found = field.value;
  }
  return found;
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** All signed 64-bit integers of field `number`, packed or one by one. */
export function integersOf(message: Uint8Array, number: number): bigint[] {
  const found: bigint[] = [];
  for (const field of readFields(message)) {
    if (field.number !== number) continue;
    const values = field.value instanceof Uint8Array ? packedVarints(field.value) : [field.value];
    for (const value of values) found.push(BigInt.asIntN(64, value));
  }
  return found;
}

/** All 32-bit floats of field `number`, packed or one by one. */
export function floatsOf(message: Uint8Array, number: number): Float32Array {
  return Float32Array.from(fixedNumbers(message, number, 4), (view) => view.getFloat32(0, true));
}

/** All 64-bit floats of field `number`, packed or one by one. */
export function doublesOf(message: Uint8Array, number: number): Float64Array {
  return Float64Array.from(fixedNumbers(message, number, 8), (view) => view.getFloat64(0, true));
}

function packedVarints(bytes: Uint8Array): bigint[] {
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) {
      if (shift >= 70n) throw new ProtobufError('a number has more than ten bytes');
      continue;
    }
    values.push(BigInt.asUintN(64, value));
    [value, shift] = [0n, 0n];
  }
  if (shift > 0n) throw new ProtobufError('a list of numbers ends inside one');
  return values;
}

function fixedNumbers(message: Uint8Array, number: number, bytes: 4 | 8): DataView[] {
  const views: DataView[] = [];
  for (const field of readFields(message)) {
    if (field.number !== number) continue;
    if (field.value instanceof Uint8Array) {
      const { buffer, byteOffset, byteLength } = field.value;
      if (byteLength % bytes !== 0) throw new ProtobufError('a list of numbers ends inside one');
      for (let at = 0; at < byteLength; at += bytes) {
        views.push(new DataView(buffer, byteOffset + at, bytes));
      }
    } else {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigUint64(0, field.value, true);
      views.push(view);
    }
  }
  return views;
}
