import { describe, expect, it } from 'vitest';
import { legacyCheckpoint, zipCheckpoint } from './checkpoint-writer.js';
import { DATA, floats, open, refusal, stored, whole } from './open-bytes.js';
import {
  dict,
  integer,
  op,
  pickle,
  reference,
  storage,
  tensor,
  text,
  tuple,
} from './pickle/pickle-writer.js';
import { zipOf, type ZipOptions } from './zip-writer.js';

describe('zip archives', () => {
  const body = dict(['w', whole]);

  it.each<[string, ZipOptions]>([
    ['of zip64', { zip64: true }],
    ['with a comment', { comment: `PK\x05\x06 is no end ${'.'.repeat(40)}` }],
  ])('%s are read', (_, options) => {
    expect(open(zipCheckpoint(body, DATA, options)).read('w')).toEqual(floats);
  });

  it.each<[string, Uint8Array, string]>([
    ['ShortStorage', Uint8Array.of(0x01, 0x02, 0xff, 0xfe), '258,-2'],
    ['IntStorage', Uint8Array.of(0, 0, 0x01, 0x02, 0xff, 0xff, 0xff, 0xfe), '258,-2'],
    ['LongStorage', Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 3), '258,3'],
    ['CharStorage', Uint8Array.of(2, 0xff), '2,-1'],
  ])('of big-endian machines are read: %s', (type, data, expected) => {
    const w = tensor(storage(type, '0', 2), 0, [2], [1]);
    const members = [
      ['a/data.pkl', pickle(dict(['w', w]))],
      ['a/byteorder', op('big')],
      ['a/data/0', data],
    ] as const;
    const file = open(zipOf(members));
    expect([...file.read('w')].join()).toBe(expected);
    expect(file.entries.get('w')!.offset).toBeUndefined();
  });

  it('map tensors whose axes of size 1 have any stride', () => {
    const w = tensor(stored, 2, [1, 3, 1], [77, 1, 99]);
    const file = open(zipCheckpoint(dict(['w', w]), DATA));
    expect(file.entries.get('w')!.offset! % 64).toBe(8);
    expect([...file.read('w')]).toEqual([3, 4, 5]);
  });

  it('place tensors where they can be mapped', () => {
    expect(open(zipCheckpoint(body, DATA)).entries.get('w')!.offset! % 64).toBe(0);
  });

  const pkl = (name: string): [string, Uint8Array] => [name, op('N.')];
  it.each<[string, Buffer, string]>([
    [
      'without data.pkl',
      zipOf([['a/b', op('x')]]),
      'it holds 0 files data.pkl where one should be',
    ],
    ['with two', zipOf([pkl('a/data.pkl'), pkl('b/data.pkl')]), 'it holds 2 files data.pkl'],
    [
      'with a name twice',
      zipOf([pkl('a/data.pkl'), pkl('a/data.pkl')]),
      'it holds "a/data.pkl" twice',
    ],
    [
      'of compressed members',
      zipCheckpoint(body, DATA, { method: 8 }),
      '"archive/data.pkl" is compressed in the archive',
    ],
    [
      'of a strange byte order',
      zipOf([pkl('a/data.pkl'), ['a/byteorder', op('middle')]]),
      'its byteorder is neither little nor big',
    ],
  ])('%s are refused', (_, bytes, message) => {
    expect(refusal(bytes)).toContain(message);
  });

  it.each<[string, (bytes: Buffer) => void, string]>([
    [
      'list beyond the end',
      (bytes) => bytes.writeUInt32LE(0x7fffffff, bytes.length - 6),
      'does not fit in its',
    ],
    [
      'list of other bytes',
      (bytes) => bytes.writeUInt32LE(0, bytes.length - 6),
      'the list of its members is broken',
    ],
    ['no end', (bytes) => bytes.writeUInt32LE(0, bytes.length - 22), 'it is truncated'],
    [
      'no member where it should be',
      (bytes) => bytes.writeUInt32LE(0x04034b51, bytes.indexOf('archive/byteorder') - 30),
      '"archive/byteorder" does not begin where the list says',
    ],
    [
      'encrypted member',
      (bytes) => bytes.writeUInt16LE(1, bytes.lastIndexOf('archive/data.pkl') - 38),
      'is encrypted in the archive',
    ],
    [
      'member of 4 GiB',
      (bytes) => bytes.writeUInt32LE(0xfffffffe, bytes.lastIndexOf('archive/data/0') - 22),
      'reaches beyond its end',
    ],
    [
      'member of more, without the number',
      (bytes) => bytes.writeUInt32LE(0xffffffff, bytes.lastIndexOf('archive/data/0') - 22),
      'a size beyond 4 GiB is missing',
    ],
  ])('with a damaged list are refused: %s', (_, damage, message) => {
    const bytes = zipCheckpoint(body, DATA);
    damage(bytes);
    expect(refusal(bytes)).toContain(message);
  });
});

describe('files of the legacy format', () => {
  const body = dict(['w', whole]);

  it('are read', () => {
    expect(open(legacyCheckpoint(body, DATA, 4)).read('w')).toEqual(floats);
  });

  it.each<[string, Buffer, string]>([
    [
      'a storage of another length',
      legacyCheckpoint(body, DATA, 8),
      'has 3 elements where 6 were announced',
    ],
    [
      'a storage that is not used',
      legacyCheckpoint(integer(1), DATA, 4),
      'it lists a storage that its pickle does not use',
    ],
    [
      'a storage that is not there',
      legacyCheckpoint(body, [], 4),
      'it lacks the data of storage "0"',
    ],
    [
      'cut data',
      legacyCheckpoint(body, DATA, 4).subarray(0, -1),
      'it is truncated amid storage "0"',
    ],
    [
      'a view of a storage',
      legacyCheckpoint(
        Buffer.concat([
          tuple(
            text('storage'),
            reference('torch', 'FloatStorage'),
            text('0'),
            text('cpu'),
            integer(6),
            tuple(text('1'), integer(0), integer(6)),
          ),
          op('Q'),
        ]),
        DATA,
        4,
      ),
      'storage "0" is a view of another',
    ],
  ])('with %s are refused', (_, bytes, message) => {
    expect(refusal(bytes)).toContain(message);
  });
});
