import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withFile } from '../../../src/checkpoints/open-file.js';
import { ByteCursor } from '../../../src/checkpoints/pickle/byte-cursor.js';
import { readPickle } from '../../../src/checkpoints/pickle/read-pickle.js';
import type { PickleValue } from '../../../src/checkpoints/pickle/values.js';
import { InputError } from '../../../src/errors.js';
import {
  call,
  dict,
  get,
  integer,
  list,
  op,
  pickle,
  put,
  reference,
  text,
  tuple,
} from './pickle-writer.js';

const directory = mkdtempSync(path.join(tmpdir(), 'featinv-pickles-'));
afterAll(() => rmSync(directory, { recursive: true }));

function read(bytes: Buffer): PickleValue {
  const file = path.join(directory, 'x.pkl');
  writeFileSync(file, bytes);
  return withFile(file, (open) =>
    readPickle(file, new ByteCursor(open, 0, open.byteLength), (id) => id),
  );
}

/** The message of the InputError that reading throws. */
function refusal(bytes: Buffer): string {
  try {
    read(bytes);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('it was read');
}

/** Plain values in place of the reader's own: lists, tuples and sets as arrays. */
function plain(value: PickleValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value.kind === 'dict') {
    return new Map([...value.entries].map(([key, each]) => [plain(key), plain(each)]));
  }
  if ('items' in value) return value.items.map(plain);
  if (value.kind === 'bytes') return Buffer.from(value.latin1, 'latin1');
  return value;
}

// Expected values: what Python's pickle.loads gives for the same bytes.
describe('values of all protocols', () => {
  it.each<[string, string, unknown]>([
    ['none', 'N.', null],
    ['truth values', '(I00\nI01\n\x88\x89t.', [false, true, true, false]],
    ['small integers', '(K\xffM\xff\xffJ\xfe\xff\xff\xfft.', [255, 65535, -2]],
    ['integers as text', '(I-7\nL12L\nL-12\nt.', [-7, 12, -12]],
    ['a large integer as text', 'L119547037146038801333356L\n.', 0x1950a86a20f9469cfc6cn],
    [
      'long integers',
      '(\x8a\x00\x8a\x01\xff\x8a\x02\x00\x80\x8b\x01\x00\x00\x00\x7ft.',
      [0, -1, -32768, 127],
    ],
    ['a longer integer', '\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.', 2n ** 64n],
    [
      'floats',
      '(F-1.5e3\nG\x3f\xe0\x00\x00\x00\x00\x00\x00Finf\nF-inf\nt.',
      [-1500, 0.5, Infinity, -Infinity],
    ],
    [
      'texts',
      '(X\x02\x00\x00\x00\xc3\xbc\x8c\x01a\x8d\x01\x00\x00\x00\x00\x00\x00\x00bU\x01cT\x01\x00\x00\x00dt.',
      ['ü', 'a', 'b', 'c', 'd'],
    ],
    [
      'texts of protocol 0',
      "(V\\u0436\xe9\nS'a\\x41\\n\\\\'\nS\"it's\"\nt.",
      ['жé', 'aA\n\\', "it's"],
    ],
    [
      'bytes',
      '(C\x01\xffB\x01\x00\x00\x00b\x8e\x01\x00\x00\x00\x00\x00\x00\x00c\x96\x01\x00\x00\x00\x00\x00\x00\x00dt.',
      [Buffer.of(255), Buffer.from('b'), Buffer.from('c'), Buffer.from('d')],
    ],
    ['tuples', '()K\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87t.', [[], [1], [1, 2], [1, 2, 3]]],
    ['lists', '(]K\x01a](K\x02K\x03e(K\x04lt.', [[1], [2, 3], [4]]],
    ['sets', '(\x8f(K\x01\x90(K\x02\x91t.', [[1], [2]]],
    [
      'dictionaries',
      '(}K\x01K\x02s}(K\x03K\x04u(K\x05K\x06dt.',
      [new Map([[1, 2]]), new Map([[3, 4]]), new Map([[5, 6]])],
    ],
    [
      'the memo',
      '(K\x01p5\nK\x02q\x06K\x03r\x07\x00\x00\x00g5\nh\x06j\x07\x00\x00\x00t.',
      [1, 2, 3, 1, 2, 3],
    ],
    [
      'the memo of protocol 4',
      '\x80\x04\x95\x08\x00\x00\x00\x00\x00\x00\x00(K\x07\x94h\x00t.',
      [7, 7],
    ],
    ['values taken back', '(K\x01K\x020(K\x03K\x041(0K\x052t.', [1, 5, 5]],
  ])('%s', (_, bytes, expected) => {
    expect(plain(read(op(bytes)))).toEqual(expected);
  });

  it('are shared where the pickle shares them', () => {
    const value = read(pickle(op(']'), put(0), get(0), op('\x86'))) as { items: unknown[] };
    expect(value.items[0]).toBe(value.items[1]);
  });

  it.each<[string, Buffer, unknown]>([
    [
      'OrderedDict of pairs',
      call(reference('collections', 'OrderedDict'), list(list(text('a'), integer(1)))),
      new Map([['a', 1]]),
    ],
    [
      'Counter',
      call(reference('collections', 'Counter'), dict(['a', integer(2)])),
      new Map([['a', 2]]),
    ],
    [
      'attributes of a dictionary',
      Buffer.concat([dict(['a', integer(1)]), dict(['b', integer(2)]), op('b')]),
      new Map([['a', 1]]),
    ],
    [
      'a Namespace as protocol 1 writes it',
      Buffer.concat([op('('), op('iargparse\nNamespace\n'), dict(['b', integer(2)]), op('b')]),
      new Map([['b', 2]]),
    ],
    [
      'a class of protocol 4',
      Buffer.concat([text('torch'), text('Size'), op('\x93'), tuple(tuple(integer(3))), op('R')]),
      [3],
    ],
    [
      'a numpy scalar of big-endian bytes',
      call(
        reference('numpy.core.multiarray', 'scalar'),
        Buffer.concat([
          call(reference('numpy', 'dtype'), text('i4')),
          tuple(integer(3), text('>')),
          op('b'),
        ]),
        op('C\x04\x00\x00\x01\x02'),
      ),
      258,
    ],
    [
      'an object made by OBJ',
      Buffer.concat([op('('), reference('torch', 'device'), text('cpu'), op('o')]),
      'cpu',
    ],
  ])('%s', (_, body, expected) => {
    expect(plain(read(pickle(body)))).toEqual(expected);
  });
});

describe('calls', () => {
  it.each<[string, Buffer]>([
    ['REDUCE', call(reference('os', 'system'), text('true'))],
    ['NEWOBJ', Buffer.concat([reference('os', 'system'), tuple(text('true')), op('\x81')])],
    ['NEWOBJ_EX', Buffer.concat([reference('os', 'system'), tuple(), dict(), op('\x92')])],
    ['INST', Buffer.concat([op('('), text('true'), op('ios\nsystem\n')])],
    ['OBJ', Buffer.concat([op('('), reference('os', 'system'), text('true'), op('o')])],
    ['BUILD', Buffer.concat([reference('os', 'system'), dict(), op('b')])],
    ['STACK_GLOBAL', Buffer.concat([text('os'), text('system'), op('\x93'), tuple(), op('R')])],
  ])('of other names are refused by name: %s', (_, body) => {
    expect(refusal(pickle(body))).toContain(
      'x.pkl asks for os.system, which is not among the few constructors that a state dict needs; nothing of it was run',
    );
  });

  it('of names that objects inherit in JavaScript are refused', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const body = call(reference('torch', name));
      expect(() => read(pickle(body))).toThrow(`asks for torch.${name}, which`);
    }
  });

  it.each<[string, Buffer, string]>([
    ['a value', call(integer(1)), 'its pickle calls 1'],
    [
      'what a call made',
      call(call(reference('collections', 'OrderedDict'))),
      'its pickle calls a dict',
    ],
    [
      'arguments that are no tuple',
      Buffer.concat([reference('torch', 'Size'), integer(1), op('R')]),
      'calls torch.Size with 1',
    ],
    [
      'named arguments',
      Buffer.concat([reference('torch', 'Size'), tuple(), dict(['a', integer(1)]), op('\x92')]),
      'gives named arguments to torch.Size',
    ],
    [
      'a tensor of no storage',
      call(reference('torch._utils', '_rebuild_tensor'), text('s')),
      '_rebuild_tensor with wrong arguments, such as "s"',
    ],
    [
      'a parameter of no tensor',
      call(reference('torch._utils', '_rebuild_parameter'), op('N')),
      'wrong arguments, such as null',
    ],
    [
      'an unknown numpy type',
      call(reference('numpy', 'dtype'), text('O8')),
      'numpy.dtype with wrong arguments, such as "O8"',
    ],
    [
      'a numpy scalar of too many bytes',
      call(
        reference('numpy.core.multiarray', 'scalar'),
        call(reference('numpy', 'dtype'), text('f8')),
        op('C\x01a'),
      ),
      'wrong arguments, such as a bytes',
    ],
    [
      'a name with a line of a terminal',
      call(reference('os', '\x1b[2K')),
      'names a class "os.\\u001b[2K"',
    ],
    [
      'a class of numbers',
      Buffer.concat([integer(1), integer(2), op('\x93')]),
      'names 1 and 2 as a class',
    ],
    [
      'the state of a tuple',
      Buffer.concat([tuple(), tuple(), op('b')]),
      'sets the state of a tuple',
    ],
  ])('with what they do not take are refused: %s', (_, body, message) => {
    expect(refusal(pickle(body))).toContain(message);
  });
});

describe('pickles that are broken or ask for too much', () => {
  const times = (text: string, count: number): Buffer => op(text.repeat(count));

  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'is truncated'],
    ['no end', op('\x80\x02N'), 'is truncated'],
    ['an empty stack', op('.'), 'takes from an empty stack'],
    ['values below a mark', op('N(.'), 'takes from an empty stack'],
    ['a mark that is not there', op('t.'), 'closes what it did not open'],
    ['an unknown step', op('\x80\x02\xff'), 'byte 2 of it, 255, is no step'],
    ['an extension', op('\x82\x01.'), 'byte 0 of it, 130, is no step'],
    ['a buffer outside', op('\x97.'), 'is no step'],
    ['protocol 6', op('\x80\x06N.'), 'has protocol 6'],
    ['an unknown memory', op('h\x07.'), 'recalls value 7, there is none'],
    ['a memory without number', op('Npx\n.'), 'has "x" for a place in its memo'],
    ['a key without value', op('}(K\x01u.'), 'has a key without a value'],
    ['keys of a list', op('](K\x01K\x01u.'), 'sets keys of a list'],
    ['items of a dictionary', op('}(K\x01e.'), 'appends to a dict'],
    ['a number that is none', op('I1x\n.'), 'holds "1x" in place of a whole number'],
    ['a float that is none', op('F\n.'), 'holds "" in place of a number'],
    ['a text without quotes', op('Sabc\n.'), 'holds a text without quotes'],
    [
      'a text longer than the file',
      op('X\xff\xff\xff\x03abc.'),
      'announces 67108863 more, but 4 are left',
    ],
    ['a text of 4 GiB', op('T\xff\xff\xff\xff.'), 'holds a text of 4294967295 bytes'],
    [
      'a text of 16 EiB',
      op('\x8e\xff\xff\xff\xff\xff\xff\xff\xff.'),
      'holds a text of 18446744073709552000 bytes',
    ],
    ['a number of 2 GiB', op('\x8b\xff\xff\xff\x7f.'), 'holds a number of 2147483647 bytes'],
    [
      'a line without end',
      Buffer.concat([op('V'), times('a', 70_000)]),
      'a line of its pickle has no end',
    ],
    [
      'a number of many digits',
      Buffer.concat([op('L'), times('9', 5000), op('L\n.')]),
      'in place of a whole number',
    ],
    ['endless marks', times('(', 4_000_001), 'has more than 4000000 steps'],
    ['endless dictionaries', times('}', 700_000), 'has more than 4000000 steps'],
    [
      'endless copies of a list',
      pickle(
        list(...Array.from({ length: 2000 }, () => tuple(integer(1), integer(2)))),
        put(1),
        op('0'),
        ...Array.from({ length: 3000 }, () =>
          call(reference('collections', 'OrderedDict'), get(1)),
        ),
      ),
      'has more than 4000000 steps',
    ],
  ])('%s', (_, bytes, message) => {
    expect(refusal(bytes)).toContain(message);
  });
});
