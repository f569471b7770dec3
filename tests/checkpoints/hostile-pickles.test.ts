import { describe, expect, it } from 'vitest';
import { zipCheckpoint } from './checkpoint-writer.js';
import { DATA, floats, open, refusal, stored, whole } from './open-bytes.js';
import {
  dict,
  get,
  integer,
  list,
  op,
  put,
  reference,
  storage,
  tensor,
  text,
  tuple,
} from './pickle/pickle-writer.js';

describe('tensors that are not what they claim', () => {
  it.each<[string, Buffer, string]>([
    [
      'beyond the storage',
      tensor(stored, 0, [7], [1]),
      'tensor "w" ends at byte 28 of a storage that has 24',
    ],
    ['beyond it by offset', tensor(stored, 4, [3], [1]), 'tensor "w" ends at byte 28 of a storage'],
    [
      'beyond it by stride',
      tensor(stored, 0, [2, 2], [5, 2]),
      'tensor "w" ends at byte 32 of a storage',
    ],
    ['huge', tensor(stored, 0, [2 ** 52, 2 ** 52], [2 ** 52, 1]), 'of a storage that has 24'],
    [
      'one value, repeated',
      tensor(stored, 0, [2 ** 40], [0]),
      'repeats its elements to 4398046511104 bytes',
    ],
    [
      'one value, repeated over axes',
      tensor(stored, 0, [2 ** 40, 2 ** 40, 2 ** 40], [0, 0, 0]),
      'repeats its elements',
    ],
    ['a negative size', tensor(stored, 0, [-1], [1]), 'with wrong arguments, such as -1'],
    ['a negative stride', tensor(stored, 5, [6], [-1]), 'with wrong arguments, such as -1'],
    [
      'fewer strides than sizes',
      tensor(stored, 0, [6], []),
      'with wrong arguments, such as a tuple',
    ],
    [
      '65 axes',
      tensor(stored, 0, Array<number>(65).fill(1), Array<number>(65).fill(1)),
      'with wrong arguments, such as a tuple',
    ],
    [
      'a storage longer than its data',
      tensor(storage('FloatStorage', '0', 7), 0, [7], [1]),
      'storage "0" should have 28 bytes, it has 24',
    ],
    [
      'a storage that claims 8 EiB',
      tensor(storage('DoubleStorage', '0', 2 ** 52), 0, [1], [1]),
      'storage "0" should have 36028797018963970 bytes',
    ],
    [
      'a storage without data',
      tensor(storage('FloatStorage', '9', 1), 0, [1], [1]),
      'it lacks the data of storage "9"',
    ],
    [
      'a storage outside the folder',
      tensor(storage('FloatStorage', '../data.pkl', 1), 0, [1], [1]),
      'it lacks the data of storage "../data.pkl"',
    ],
    [
      'a storage of two types',
      tuple(whole, tensor(storage('IntStorage', '0', 6), 0, [6], [1])),
      'storage "0" is described twice and differently',
    ],
    [
      'a storage of objects',
      tensor(storage('ObjectStorage', '0', 1), 0, [1], [1]),
      'asks for torch.ObjectStorage, which',
    ],
    [
      'something else outside',
      Buffer.concat([tuple(text('module'), text('x')), op('Q')]),
      'it refers to "module" outside its pickle',
    ],
  ])('%s', (_, body, message) => {
    expect(refusal(zipCheckpoint(dict(['w', body]), DATA))).toContain(message);
  });

  it('may have no elements whatever their other sizes', () => {
    const body = tensor(stored, 0, [2 ** 52, 2 ** 52, 0], [1, 1, 1]);
    const file = open(zipCheckpoint(dict(['w', body]), DATA));
    expect(file.read('w')).toHaveLength(0);
  });

  it('may be called like members of objects in JavaScript', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const entries = names.map((name): [string, Buffer] => [name, whole]);
    const numbers = names.map((name): [string, Buffer] => [name, integer(7)]);
    const file = open(zipCheckpoint(dict(['state_dict', dict(...entries)], ...numbers), DATA));
    expect([...file.entries.keys()]).toEqual(names);
    expect(Object.entries(file.metadata)).toEqual(names.map((name) => [name, 7]));
    expect(file.read('__proto__')).toEqual(floats);
    expect(({} as Record<string, unknown>)['7']).toBeUndefined();
    expect(JSON.stringify(file.metadata)).toBe('{"__proto__":7,"constructor":7,"toString":7}');
  });

  it('must not meet under one name', () => {
    const body = dict(['a', dict(['b', whole])], ['a.b', whole]);
    expect(refusal(zipCheckpoint(body, DATA))).toContain('two of its tensors are called "a.b"');
  });
});

describe('structures that grow when they are written out', () => {
  /** Ten levels that each hold the one below ten times. */
  const laughs = (leaf: Buffer): Buffer => {
    const levels = Array.from({ length: 10 }, (_, level) =>
      Buffer.concat([
        list(...Array.from({ length: 10 }, () => (level === 0 ? leaf : get(level - 1)))),
        put(level),
        op('0'),
      ]),
    );
    return Buffer.concat([...levels, get(9)]);
  };

  it.each<[string, Buffer, string]>([
    ['ten billion numbers', laughs(integer(7)), 'the values that it repeats are too many'],
    ['ten billion tensors', laughs(whole), 'the values that it repeats are too many'],
    [
      'a list in itself',
      Buffer.concat([op(']'), put(0), get(0), op('a')]),
      'nested more than 64 deep',
    ],
    [
      'a list in itself twice',
      Buffer.concat([op(']'), put(0), get(0), op('a'), get(0), op('a')]),
      'nested more than 64 deep',
    ],
    [
      'a dictionary in itself',
      Buffer.concat([op('}'), put(0), text('model'), get(0), op('s')]),
      'nested more than 64 deep',
    ],
    [
      'a hundred thousand lists in each other',
      op(']'.repeat(1e5) + 'a'.repeat(1e5 - 1)),
      'nested more than 64 deep',
    ],
    ['a long name', dict(['n'.repeat(2000), whole]), 'a name in it is longer than 1000 characters'],
    [
      'a long list, many times',
      Buffer.concat([
        list(...Array.from({ length: 10_000 }, () => op('N'))),
        put(0),
        op('0('),
        ...Array.from({ length: 10_000 }, () => get(0)),
        op('t'),
      ]),
      'the values that it repeats are too many',
    ],
  ])('%s', (_, body, message) => {
    expect(refusal(zipCheckpoint(dict(['w', whole], ['x', body]), DATA))).toContain(message);
  });

  it('are no harm as references that nobody calls', () => {
    const body = dict(
      ['w', whole],
      [reference('os', 'system'), integer(1)],
      ['f', reference('a', 'B')],
    );
    const file = open(zipCheckpoint(body, DATA));
    expect(file.metadata).toEqual({ 'os.system': 1, f: 'a.B' });
  });
});
