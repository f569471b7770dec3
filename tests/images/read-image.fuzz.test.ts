import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { decodeImage } from '../../src/images/read-image.js';
import { textured, toSharp } from './pictures.js';

/** Reads the bytes; fails on anything but a whole picture or an InputError that names the file. */
async function expectPictureOrInputError(bytes: Uint8Array): Promise<void> {
  const outcome = await decodeImage(bytes, 'file.x').catch((error: unknown) => error);
  if (outcome instanceof Error) {
    expect(outcome).toBeInstanceOf(InputError);
    expect(outcome.message).toMatch(/^file\.x [^\n]+$/);
  } else {
    const { width, height, data } = outcome as Awaited<ReturnType<typeof decodeImage>>;
    expect(data.length).toBe(width * height * 3);
  }
}

const settings = { seed: 7, endOnFailure: true };

describe('fuzzed pictures', () => {
  it('random bytes', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), expectPictureOrInputError);
    await fc.assert(property, { ...settings, numRuns: 100 });
  });

  it.each([
    ['jpeg', 'ffd8ffe0'],
    ['png', '89504e470d0a1a0a0000000d49484452'],
    ['gif', '474946383961'],
    ['tiff', '49492a0008000000'],
    ['webp', '52494646ff00000057454250'],
  ])('random bytes after the signature of %s', async (_, signature) => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), (tail) =>
      expectPictureOrInputError(Buffer.concat([Buffer.from(signature, 'hex'), tail])),
    );
    await fc.assert(property, { ...settings, numRuns: 40 });
  });

  it.each(['jpeg', 'png', 'gif', 'tiff', 'webp', 'avif'] as const)(
    '%s with flipped bits and cut ends',
    async (format) => {
      const whole = await toSharp(textured(32, 24)).toFormat(format).toBuffer();
      const flips = fc.array(fc.nat({ max: whole.length * 8 - 1 }), { minLength: 1, maxLength: 8 });
      const kept = fc.oneof(fc.constant(whole.length), fc.nat({ max: whole.length }));
      const property = fc.asyncProperty(flips, kept, (bits, length) => {
        const bytes = Buffer.from(whole);
        for (const bit of bits) bytes[bit >> 3]! ^= 1 << (bit & 7);
        return expectPictureOrInputError(bytes.subarray(0, length));
      });
      await fc.assert(property, { ...settings, numRuns: format === 'avif' ? 20 : 60 });
    },
  );
});
