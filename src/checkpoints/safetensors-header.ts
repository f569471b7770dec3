import { InputError } from '../errors.js';
import { DTYPE_BYTES, elementCount, type StoredDType } from './dtypes.js';

/** Where one tensor lies in a safetensors file. */
export interface SafetensorsEntry {
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  /** Position of the first byte in the whole file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of the header. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
}

/** The format's own limit on the header, in bytes. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Bytes before the header: its length as a 64-bit integer. */
export const LENGTH_BYTES = 8;

/** An error that says why `path` cannot be used as a safetensors file. */
export function corrupt(path: string, reason: string): InputError {
  return new InputError(
    `${path} is not a valid safetensors file: ${reason}; fetch or convert it again`,
  );
}

/**
 * Parses and checks the header, the bytes after the length field. Every byte of the data must belong
 * to exactly one tensor. Throws InputError naming the file and, where there is one, the tensor.
 */
export function parseHeader(
  path: string,
  header: Uint8Array,
  fileBytes: number,
): SafetensorsHeader {
  const { text, json } = parseJson(path, header);
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw corrupt(path, `tensor "${repeated}" appears twice`);
  const dataStart = LENGTH_BYTES + header.length;
  let metadata: Record<string, string> = {};
  const entries = new Map<string, SafetensorsEntry>();
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') metadata = parseMetadata(path, value);
    else entries.set(name, parseEntry(path, name, value, dataStart));
  }
  checkCoverage(path, entries, dataStart, fileBytes);
  return { metadata, entries };
}

function parseJson(path: string, header: Uint8Array): { text: string; json: object } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
    const json: unknown = JSON.parse(text);
    if (isObject(json)) return { text, json };
  } catch {
    // The reason of the parser, a position in binary data, would help nobody.
  }
  throw corrupt(path, 'its header is not a JSON object');
}

function parseMetadata(path: string, value: unknown): Record<string, string> {
  if (!isObject(value)) throw corrupt(path, '__metadata__ is not an object');
  const wrong = Object.entries(value).find(([, each]) => typeof each !== 'string');
  if (wrong) throw corrupt(path, `__metadata__ entry "${wrong[0]}" is not a string`);
  return value as Record<string, string>;
}

function parseEntry(
  path: string,
  name: string,
  value: unknown,
  dataStart: number,
): SafetensorsEntry {
  const wrong = (reason: string): InputError => corrupt(path, `tensor "${name}" ${reason}`);
  if (!isObject(value)) throw wrong('has no description');
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BYTES, dtype)) {
    const known = Object.keys(DTYPE_BYTES).join(', ');
    throw wrong(`has dtype ${JSON.stringify(dtype)}, which is none of ${known}`);
  }
  if (!isSizes(shape)) throw wrong('has no shape of whole sizes');
  if (!isSizes(offsets) || offsets.length !== 2) throw wrong('has no data_offsets [begin, end]');
  const [begin, end] = offsets as [number, number];
  const elementBytes = DTYPE_BYTES[dtype as StoredDType];
  const needed = elementCount(shape) * elementBytes;
  if (end - begin !== needed) {
    throw wrong(
      `of shape [${shape.join(',')}] and dtype ${dtype} needs ${needed} bytes, its offsets give ${end - begin}`,
    );
  }
  return { dtype: dtype as StoredDType, shape, offset: dataStart + begin, byteLength: needed };
}

/** No tensor may overlap another, leave a gap or reach beyond the file. */
function checkCoverage(
  path: string,
  entries: ReadonlyMap<string, SafetensorsEntry>,
  dataStart: number,
  fileBytes: number,
): void {
  const ordered = [...entries].sort(
    ([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength,
  );
  let at = dataStart;
  for (const [name, { offset, byteLength }] of ordered) {
    if (offset + byteLength > fileBytes) {
      throw corrupt(
        path,
        `tensor "${name}" ends at byte ${offset + byteLength} but the file has ${fileBytes}: it is truncated`,
      );
    }
    if (offset < at) throw corrupt(path, `tensor "${name}" overlaps another tensor`);
    if (offset > at) {
      throw corrupt(path, `${offset - at} bytes before tensor "${name}" belong to no tensor`);
    }
    at = offset + byteLength;
  }
  if (at !== fileBytes) {
    throw corrupt(path, `its last ${fileBytes - at} bytes belong to no tensor`);
  }
}

/** The first key that the outermost object of valid JSON holds twice. JSON.parse keeps only the last. */
function repeatedKey(text: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    else if (character === '"') {
      const end = stringEnd(text, i);
      if (depth === 1 && isKey(text, end)) {
        const key = JSON.parse(text.slice(i, end)) as string;
        if (seen.has(key)) return key;
        seen.add(key);
      }
      i = end - 1;
    }
  }
  return undefined;
}

/** The position after the closing quote of the string that opens at `start`. */
function stringEnd(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

/** Whether a colon follows. */
function isKey(text: string, position: number): boolean {
  let i = position;
  while (/\s/.test(text[i] ?? '')) i++;
  return text[i] === ':';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
