import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NamedTensors } from '../../src/checkpoints/named-tensors.js';
import {
  encodeSafetensors,
  openSafetensors,
  readSafetensors,
  writeSafetensors,
} from '../../src/checkpoints/safetensors.js';
import { InputError, WorkError } from '../../src/errors.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'featinv-safetensors-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const at = (name: string): string => path.join(directory, name);

/** A file made by hand: header object or text, then the data. */
function handmade(header: unknown, data: Uint8Array = new Uint8Array(0)): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(at('handmade.safetensors'), Buffer.concat([length, json, data]));
  return at('handmade.safetensors');
}

function written(bytes: Uint8Array): string {
  writeFileSync(at('bytes.safetensors'), bytes);
  return at('bytes.safetensors');
}

const sample: NamedTensors = new Map([
  ['b.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ['a', { shape: [], data: Float32Array.of(-0.5) }],
  ['empty', { shape: [0, 4], data: new Float32Array(0) }],
]);

const tensorsArbitrary = fc
  .dictionary(
    fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('0', '1', '__proto__', 'ü.ж', '"\\')),
    fc.array(fc.nat({ max: 4 }), { maxLength: 3 }),
    { maxKeys: 6, noNullPrototype: false },
  )
  .chain((shapes) =>
    fc.tuple(
      ...Object.entries(shapes).map(([name, shape]) => {
        const length = shape.reduce((product, size) => product * size, 1);
        return fc
          .float32Array({ minLength: length, maxLength: length })
          .map((data) => [name, { shape, data }] as const);
      }),
    ),
  )
  .map((entries): NamedTensors => new Map(entries));

describe('writing and reading', () => {
  it('returns what was written', async () => {
    await writeSafetensors(at('a.safetensors'), sample, { metadata: { format: 'pt' } });
    const file = openSafetensors(at('a.safetensors'));
    expect(file.metadata).toEqual({ format: 'pt' });
    expect([...file.entries.keys()]).toEqual(['a', 'b.weight', 'empty']);
    expect(readSafetensors(at('a.safetensors'))).toEqual(new Map([...sample].sort()));
  });

  it('returns any float32 bits under any names', () => {
    fc.assert(
      fc.property(tensorsArbitrary, (tensors) => {
        expect(readSafetensors(written(encodeSafetensors(tensors)))).toEqual(tensors);
      }),
    );
  });

  it('gives the same bytes for the same tensors in another order, data aligned to 8', () => {
    const reversed = new Map([...sample].reverse());
    const bytes = encodeSafetensors(sample);
    expect(encodeSafetensors(reversed)).toEqual(bytes);
    const { entries } = openSafetensors(written(bytes));
    expect(entries.get('a')!.offset % 8).toBe(0);
  });

  it('exposes where the raw bytes are', () => {
    const bytes = encodeSafetensors(sample, { dtype: 'F16' });
    const entry = openSafetensors(written(bytes)).entries.get('b.weight')!;
    expect(entry).toMatchObject({ dtype: 'F16', shape: [2, 3], byteLength: 12 });
    const raw = Buffer.from(bytes).subarray(entry.offset, entry.offset + entry.byteLength);
    expect(raw.readUInt16LE(2)).toBe(0x4000);
  });

  it('rounds to float16 on request and refuses what float16 cannot hold', () => {
    const tensors = new Map([['w', { shape: [2], data: Float32Array.of(1 + 2 ** -12, Infinity) }]]);
    const read = openSafetensors(written(encodeSafetensors(tensors, { dtype: 'F16' }))).read('w');
    expect([...read]).toEqual([1, Infinity]);
    tensors.set('w', { shape: [1], data: Float32Array.of(70000) });
    expect(() => encodeSafetensors(tensors, { dtype: 'F16' })).toThrow(
      new WorkError('tensor "w" holds 70000, beyond the largest float16, 65504: store it as F32'),
    );
  });

  it('refuses values that do not fill their shape', () => {
    const wrong = new Map([['w', { shape: [3], data: Float32Array.of(1) }]]);
    expect(() => encodeSafetensors(wrong)).toThrow('tensor "w" of shape [3] holds 1 values');
  });

  it.each([
    ['BF16', [0x80, 0x3f, 0x40, 0xc0], [1, -3]],
    ['F16', [0x00, 0x3c, 0x00, 0xc0], [1, -2]],
    ['F64', [...new Uint8Array(Float64Array.of(0.5, -7).buffer)], [0.5, -7]],
    ['I64', [...new Uint8Array(BigInt64Array.of(5n, -6n).buffer)], [5, -6]],
    ['U64', [...new Uint8Array(BigInt64Array.of(5n, 6n).buffer)], [5, 6]],
    ['I32', [...new Uint8Array(Int32Array.of(7, -8).buffer)], [7, -8]],
    ['U32', [...new Uint8Array(Int32Array.of(7, 8).buffer)], [7, 8]],
    ['I16', [...new Uint8Array(Int16Array.of(7, -8).buffer)], [7, -8]],
    ['U16', [...new Uint8Array(Int16Array.of(7, 8).buffer)], [7, 8]],
    ['I8', [1, 255], [1, -1]],
    ['U8', [1, 255], [1, 255]],
    ['BOOL', [1, 0], [1, 0]],
  ])('reads %s as float32', (dtype, bytes, values) => {
    const header = { x: { dtype, shape: [2], data_offsets: [0, bytes.length] } };
    expect([...openSafetensors(handmade(header, Uint8Array.from(bytes))).read('x')]).toEqual(
      values,
    );
  });

  it('suggests the nearest name for an unknown tensor', () => {
    const file = openSafetensors(written(encodeSafetensors(sample)));
    expect(() => file.read('b.weigth')).toThrow(
      'has no tensor "b.weigth": did you mean "b.weight"?',
    );
  });
});

describe('files that are not valid', () => {
  const entry = (begin: number, end: number, shape = [end - begin]): object => ({
    dtype: 'U8',
    shape,
    data_offsets: [begin, end],
  });
  const four = new Uint8Array(4);

  it.each<[string, unknown, Uint8Array, string]>([
    ['header is not JSON', '{"a":', four, 'its header is not a JSON object'],
    ['header is an array', '[]', four, 'its header is not a JSON object'],
    [
      'tensor twice',
      '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"\\u0061":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}',
      four,
      'tensor "a" appears twice',
    ],
    ['overlap', { a: entry(0, 3), b: entry(2, 4) }, four, 'tensor "b" overlaps another tensor'],
    ['gap', { a: entry(0, 1), b: entry(2, 4) }, four, '1 bytes before tensor "b" belong to no'],
    ['unclaimed end', { a: entry(0, 3) }, four, 'its last 1 bytes belong to no tensor'],
    ['beyond the end', { a: entry(0, 5) }, four, 'tensor "a" ends at byte'],
    ['shape against offsets', { a: entry(0, 4, [3]) }, four, 'needs 3 bytes, its offsets give 4'],
    ['reversed offsets', { a: entry(4, 0, [4]) }, four, 'needs 4 bytes, its offsets give -4'],
    ['negative size', { a: entry(0, 4, [-4]) }, four, 'has no shape of whole sizes'],
    ['huge shape', { a: entry(0, 4, [2 ** 40, 2 ** 40]) }, four, 'needs 1.2089258196146292e+24'],
    ['unknown dtype', { a: { ...entry(0, 4), dtype: 'F7' } }, four, 'has dtype "F7"'],
    ['inherited dtype', { a: { ...entry(0, 4), dtype: 'toString' } }, four, 'has dtype "toString"'],
    ['no offsets', { a: { dtype: 'U8', shape: [4] } }, four, 'has no data_offsets'],
    ['null entry', { a: null }, four, 'tensor "a" has no description'],
    [
      'metadata not text',
      { __metadata__: { n: 1 } },
      new Uint8Array(0),
      'entry "n" is not a string',
    ],
  ])('%s', (_, header, data, message) => {
    const file = handmade(header, data);
    expect(() => openSafetensors(file)).toThrow(InputError);
    expect(() => openSafetensors(file)).toThrow(message);
    expect(() => openSafetensors(file)).toThrow(`${file} is not a valid safetensors file`);
  });

  it('names a missing file and a directory', () => {
    const missing = at('missing.safetensors');
    expect(() => openSafetensors(missing)).toThrow(
      new InputError(`cannot read ${missing}: no such file or directory`),
    );
    expect(() => openSafetensors(directory)).toThrow(`${directory} is not a file`);
  });

  it('refuses a header longer than the file before making room for it', () => {
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64LE(2n ** 40n);
    expect(() => openSafetensors(written(bytes))).toThrow(
      'announce a header of 1099511627776 bytes',
    );
  });

  it('notices every truncation', () => {
    const bytes = encodeSafetensors(sample);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => openSafetensors(written(bytes.subarray(0, length)))).toThrow(InputError);
    }
  });

  it('notices a file cut off after it was opened', () => {
    const bytes = encodeSafetensors(sample);
    const file = openSafetensors(written(bytes));
    written(bytes.subarray(0, bytes.length - 4));
    expect(() => file.read('b.weight')).toThrow('it is truncated');
  });

  it('reads anything else or throws InputError: random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expectReadOrInputError(written(bytes));
      }),
    );
  });

  it('reads anything else or throws InputError: flipped bits', () => {
    const bytes = encodeSafetensors(sample, { metadata: { format: 'pt' } });
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: bytes.length * 8 - 1 }), { minLength: 1, maxLength: 4 }),
        (flips) => {
          const broken = Uint8Array.from(bytes);
          for (const bit of flips) broken[bit >> 3]! ^= 1 << (bit & 7);
          expectReadOrInputError(written(broken));
        },
      ),
      { numRuns: 500 },
    );
  });
});

function expectReadOrInputError(file: string): void {
  const size = readFileSync(file).length;
  try {
    for (const { data } of readSafetensors(file).values()) {
      expect(data.length).toBeLessThanOrEqual(size);
    }
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
  }
}
