import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WorkError } from '../../src/errors.js';
import { encodePng, writePng } from '../../src/images/png.js';
import { decodeImage, readImage } from '../../src/images/read-image.js';
import { temporaryFolder, textured } from './pictures.js';

const at = temporaryFolder();

describe('PNG', () => {
  it('comes back as it was', async () => {
    const side = fc.integer({ min: 16, max: 40 });
    const property = fc.asyncProperty(side, side, fc.nat(1000), async (width, height, phase) => {
      const image = textured(width, height, phase);
      expect(await decodeImage(await encodePng(image), 'a')).toEqual(image);
    });
    await fc.assert(property, { seed: 7, numRuns: 15 });
  });

  it('has the same bytes each time', async () => {
    const image = textured(64, 64);
    const copy = { ...image, data: Uint8Array.from(image.data) };
    expect(Buffer.compare(await encodePng(image), await encodePng(copy))).toBe(0);
  });

  it('is written whole, with nothing beside it', async () => {
    const image = textured(20, 30);
    await writePng(at('a.png'), image);
    expect(await readdir(at())).toEqual(['a.png']);
    expect(await readImage(at('a.png'))).toEqual(image);
    expect(Buffer.compare(await readFile(at('a.png')), await encodePng(image))).toBe(0);
    await expect(writePng(at('none', 'a.png'), image)).rejects.toThrow(WorkError);
  });
});
