import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { fixture } from './expected-checkpoints.js';
import { open } from './open-bytes.js';
import { op } from './pickle/pickle-writer.js';

/** Reads all it can; anything but an InputError fails, and so does more memory than the file has bytes. */
function expectReadOrInputError(bytes: Uint8Array): void {
  try {
    const file = open(bytes);
    for (const [name, { byteLength }] of file.entries) {
      expect(byteLength).toBeLessThanOrEqual(bytes.length);
      file.read(name);
    }
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
  }
}

describe.each([
  'views.pt',
  'lightning.protocol4.ckpt',
  'lightning.legacy.pth',
  'dtypes.protocol1.legacy.pth',
])('any damage to %s is survived', (name) => {
  const bytes = readFileSync(fixture(name));

  it('truncation', () => {
    for (let length = 0; length < bytes.length; length += 17) {
      expect(() => open(bytes.subarray(0, length))).toThrow(InputError);
    }
  });

  it('other bytes', () => {
    const damage = fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(damage, (changes) => {
        const broken = Uint8Array.from(bytes);
        for (const [at, value] of changes) broken[at] = value;
        expectReadOrInputError(broken);
      }),
      { numRuns: 150 },
    );
  });

  it('parts left out or doubled', () => {
    const place = fc.nat({ max: bytes.length });
    fc.assert(
      fc.property(place, place, (from, to) => {
        expectReadOrInputError(Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]));
      }),
      { numRuns: 100 },
    );
  });
});

it('random bytes after any beginning are survived', () => {
  const beginnings = [
    op('PK\x03\x04'),
    op('\x80\x02'),
    readFileSync(fixture('network.legacy.pth')).subarray(0, 40),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 300 }), (head, rest) => {
      expectReadOrInputError(Buffer.concat([head, rest]));
    }),
    { numRuns: 150 },
  );
});
