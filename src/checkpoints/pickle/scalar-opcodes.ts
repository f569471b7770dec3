import type { ByteCursor } from './byte-cursor.js';
import type { PickleMachine } from './machine.js';
import type { PickleValue } from './values.js';

/** What one opcode does, by its character. */
export type Opcodes = Readonly<Record<string, (machine: PickleMachine) => void>>;

/** No name or text of a checkpoint is longer. */
const MAX_STRING_BYTES = 2 ** 26;
/** Decoding a long number takes the square of its length. */
const MAX_INTEGER_BYTES = 1024;

const push =
  (decode: (cursor: ByteCursor) => PickleValue) =>
  (machine: PickleMachine): void =>
    machine.push(decode(machine.cursor));

/** Constants, numbers, texts and bytes. */
export const SCALAR_OPCODES: Opcodes = {
  N: push(() => null),
  '\x88': push(() => true),
  '\x89': push(() => false),
  K: push((cursor) => cursor.byte()),
  M: push((cursor) => cursor.take(2).readUInt16LE()),
  J: push((cursor) => cursor.take(4).readInt32LE()),
  I: push((cursor) => booleanOrInteger(cursor)),
  L: push((cursor) => decimalInteger(cursor, cursor.line().replace(/L$/, ''))),
  '\x8a': push((cursor) => binaryInteger(cursor, cursor.byte())),
  '\x8b': push((cursor) => binaryInteger(cursor, cursor.take(4).readUInt32LE())),
  F: push((cursor) => decimalFloat(cursor)),
  G: push((cursor) => cursor.take(8).readDoubleBE()),
  V: push((cursor) => escaped(cursor.line('latin1'), /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g)),
  S: push((cursor) => quoted(cursor)),
  U: push((cursor) => text(cursor, cursor.byte())),
  T: push((cursor) => text(cursor, cursor.take(4).readUInt32LE())),
  '\x8c': push((cursor) => text(cursor, cursor.byte())),
  X: push((cursor) => text(cursor, cursor.take(4).readUInt32LE())),
  '\x8d': push((cursor) => text(cursor, length64(cursor))),
  C: push((cursor) => bytes(cursor, cursor.byte())),
  B: push((cursor) => bytes(cursor, cursor.take(4).readUInt32LE())),
  '\x8e': push((cursor) => bytes(cursor, length64(cursor))),
  '\x96': push((cursor) => bytes(cursor, length64(cursor))),
};

/** Texts of Python 2, which are bytes without a known encoding, are read as UTF-8 as well. */
function text(cursor: ByteCursor, length: number): string {
  return string(cursor, length).toString('utf8');
}

function bytes(cursor: ByteCursor, length: number): PickleValue {
  return { kind: 'bytes', latin1: string(cursor, length).toString('latin1') };
}

function string(cursor: ByteCursor, length: number): Buffer {
  if (length > MAX_STRING_BYTES) {
    throw cursor.fail(`its pickle holds a text of ${length} bytes, no state dict does`);
  }
  return cursor.take(length);
}

function length64(cursor: ByteCursor): number {
  return Number(cursor.take(8).readBigUInt64LE());
}

/** Two's complement, least significant byte first. */
function binaryInteger(cursor: ByteCursor, length: number): number | bigint {
  if (length === 0) return 0;
  if (length > MAX_INTEGER_BYTES) throw cursor.fail(`its pickle holds a number of ${length} bytes`);
  const digits = Buffer.from(cursor.take(length)).reverse().toString('hex');
  return integer(BigInt.asIntN(length * 8, BigInt(`0x${digits}`)));
}

/** Protocol 0 writes truth values as `00` and `01`. */
function booleanOrInteger(cursor: ByteCursor): boolean | number | bigint {
  const line = cursor.line();
  return line === '00' || line === '01' ? line === '01' : decimalInteger(cursor, line);
}

function decimalInteger(cursor: ByteCursor, digits: string): number | bigint {
  if (!/^[+-]?\d+$/.test(digits) || digits.length > MAX_INTEGER_BYTES) {
    throw cursor.fail(`its pickle holds "${digits.slice(0, 60)}" in place of a whole number`);
  }
  return integer(BigInt(digits.replace('+', '')));
}

function integer(value: bigint): number | bigint {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

function decimalFloat(cursor: ByteCursor): number {
  const line = cursor.line();
  const infinity = /^([+-]?)inf$/.exec(line);
  if (infinity) return infinity[1] === '-' ? -Infinity : Infinity;
  const value = Number(line);
  if (line.trim() === '' || (Number.isNaN(value) && line !== 'nan')) {
    throw cursor.fail(`its pickle holds "${line.slice(0, 60)}" in place of a number`);
  }
  return value;
}

/** The text of Python 2 between quotes, with escapes such as `\x00`. */
function quoted(cursor: ByteCursor): string {
  const match = /^(['"])(.*)\1$/.exec(cursor.line());
  if (!match) throw cursor.fail('its pickle holds a text without quotes');
  return escaped(match[2]!, /\\x([0-9a-fA-F]{2})|\\([\\'"nrt])/g);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function escaped(line: string, pattern: RegExp): string {
  return line.replace(pattern, (whole, first?: string, second?: string) => {
    const digits = first ?? (whole.startsWith('\\U') ? second : undefined);
    if (digits === undefined) return ESCAPES[second!] ?? second!;
    const code = parseInt(digits, 16);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}
