import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageWriter } from '../../src/onnx/protobuf.js';
import { bytesOf, integerOf, readFields, textsOf } from '../../src/onnx/protobuf-reader.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the wire format', () => {
  it('writes the examples of the protocol-buffer documentation', () => {
    expect(hex(new MessageWriter().integer(1, 150).finish())).toBe('089601');
    expect(hex(new MessageWriter().text(2, 'testing').finish())).toBe('120774657374696e67');
    const nested = new MessageWriter().message(3, new MessageWriter().integer(1, 150));
    expect(hex(nested.finish())).toBe('1a03089601');
  });

  it('writes -2 in ten bytes and 1 as a float in four', () => {
    expect(hex(new MessageWriter().integer(1, -2).finish())).toBe('08feffffffffffffffff01');
    expect(hex(new MessageWriter().float(2, 1).finish())).toBe('150000803f');
  });

  it('writes the largest field number of the specification', () => {
    const bytes = new MessageWriter().integer(2 ** 29 - 1, 7).finish();
    expect(integerOf(bytes, 2 ** 29 - 1)).toBe(7n);
  });

  it('reads back any signed or unsigned 64-bit integer', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
        fc.integer({ min: 1, max: 2 ** 29 - 1 }),
        (value, field) => {
          const bytes = new MessageWriter().integer(field, value).finish();
          expect(integerOf(bytes, field)).toBe(BigInt.asUintN(64, value));
        },
      ),
    );
  });

  it('takes as few bytes as seven bits each allow', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const groups = Math.max(1, Math.ceil(value.toString(2).length / 7));
        expect(new MessageWriter().integer(1, value).finish()).toHaveLength(1 + groups);
      }),
    );
  });

  it('reads back texts and bytes in order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.uint8Array(), (texts, bytes) => {
        const writer = new MessageWriter();
        texts.forEach((text) => writer.text(1, text));
        const message = writer.bytes(2, bytes).finish();
        expect(textsOf(message, 1)).toEqual(texts);
        expect(bytesOf(message, 2).map(hex)).toEqual([hex(bytes)]);
        expect([...readFields(message)]).toHaveLength(texts.length + 1);
      }),
    );
  });
});
