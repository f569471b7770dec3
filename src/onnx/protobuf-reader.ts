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
