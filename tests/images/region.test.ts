import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readRegion, regionWeights } from '../../src/images/region.js';
import { writePng } from '../../src/images/png.js';
import type { RgbImage } from '../../src/images/rgb-image.js';

const square = { width: 64, height: 64 };
let folder: string;
const file = (name: string): string => path.join(folder, name);

/** Grey levels of each pixel. */
function greys(width: number, height: number, level: (x: number, y: number) => number): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return level(pixel % width, Math.floor(pixel / width));
  });
  return { width, height, data };
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'featinv-region-'));
  await writePng(
    file('left.png'),
    greys(20, 20, (x) => (x < 10 ? 255 : 0)),
  );
  await writePng(
    file('wide.png'),
    greys(40, 20, (x) => (x < 20 ? 255 : 0)),
  );
  await writePng(
    file('black.png'),
    greys(20, 20, () => 0),
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('a rectangle', () => {
  it('weighs positions by the share of their area that it covers', async () => {
    const region = await readRegion('0.25,0.5,0.5,0.25', square);
    // Columns from 0.5 to 1.5 of 2, rows from 1 to 1.5 of 2.
    expect([...regionWeights(region, 2, 2)]).toEqual([0, 0, 0.25, 0.25]);
    // The same region on a grid that it fits.
    const fine = regionWeights(region, 4, 4);
    expect([...fine.keys()].filter((i) => fine[i] === 1)).toEqual([9, 10]);
    expect(fine.reduce((sum, weight) => sum + weight, 0)).toBe(2);
  });

  it('weighs every position 1 where it covers all', async () => {
    const weights = regionWeights(await readRegion('0, 0, 1, 1', square), 7, 14);
    expect(weights.every((weight) => weight === 1)).toBe(true);
    const parts = regionWeights(await readRegion('0.1,0.2,0.9,0.8', square), 1, 1);
    expect(parts[0]).toBeCloseTo(0.72, 6);
  });

  it.each(['0,0,1', '0,0,1,1,1', '0.5,0,0.6,1', '-0.1,0,1,1', '0,0,0,1', '0,,1,1', '1', ','])(
    'is refused as "%s"',
    async (text) => {
      await expect(readRegion(text, square)).rejects.toThrow(
        `--region must be x,y,w,h in shares of the picture’s middle square, such as 0.25,0,0.5,1, or a mask’s file, got "${text}"`,
      );
    },
  );
});

describe('a mask', () => {
  it('weighs positions by their brightness, also across pixels', async () => {
    const region = await readRegion(file('left.png'), { width: 30, height: 50 });
    expect([...regionWeights(region, 2, 2)]).toEqual([1, 0, 1, 0]);
    const thirds = regionWeights(region, 1, 3);
    [1, 0.5, 0].forEach((weight, i) => expect(thirds[i]).toBeCloseTo(weight, 6));
  });

  it('lies on the middle square where it has the picture’s shape', async () => {
    const region = await readRegion(file('wide.png'), { width: 640, height: 320 });
    expect([...regionWeights(region, 1, 2)]).toEqual([1, 0]);
  });

  it('counts grey in part', () => {
    const grey = { kind: 'mask', image: greys(16, 16, () => 51) } as const;
    expect(regionWeights(grey, 1, 1)[0]).toBeCloseTo(0.2, 6);
  });

  it('is refused where it is black, of another shape, or no picture', async () => {
    await expect(readRegion(file('black.png'), square)).rejects.toThrow(
      'is all black: paint white',
    );
    await expect(readRegion(file('wide.png'), square)).rejects.toThrow(
      'has 40x20 pixels, the picture 64x64: a mask must be square or have the same ratio of sides',
    );
    await expect(readRegion(file('none.png'), square)).rejects.toThrow('none.png does not exist');
  });
});
