import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box, Filter } from '../../src/images/resize.js';
import {
  centreSquare,
  resizeBox,
  resizeLikePillow,
  resizeShortSide,
} from '../../src/images/resize.js';
import { largestDifference, paint, pixel, plain, textured } from './pictures.js';

interface StoredPicture {
  width: number;
  height: number;
  /** Base64 of RGB bytes. */
  pixels: string;
}

/** Results of Pillow, made by reference/images/make_fixtures.py. */
const fixtures = JSON.parse(
  readFileSync(new URL('../fixtures/resize.json', import.meta.url), 'utf8'),
) as { source: StoredPicture; cases: (StoredPicture & { filter: Filter; box: Box })[] };

const load = ({ width, height, pixels }: StoredPicture) => ({
  width,
  height,
  data: new Uint8Array(Buffer.from(pixels, 'base64')),
});

describe('resizeBox', () => {
  const source = load(fixtures.source);

  it.each(fixtures.cases)(
    "gives Pillow's pixels: $filter, box at $box.left, to $width x $height",
    ({ filter, box, ...stored }) => {
      const expected = load(stored);
      const image = resizeBox(source, box, expected.width, expected.height, filter);
      expect([image.width, image.height]).toEqual([expected.width, expected.height]);
      expect(largestDifference(image.data, expected.data)).toBeLessThanOrEqual(1);
    },
  );

  it('copies pixels where nothing is scaled', () => {
    const image = textured(20, 17);
    const whole = { left: 0, top: 0, width: 20, height: 17 };
    for (const filter of ['bilinear', 'bicubic'] as const) {
      expect(resizeBox(image, whole, 20, 17, filter)).toEqual(image);
      const box = { left: 3, top: 5, width: 8, height: 6 };
      const cut = paint(8, 6, (x, y) => pixel(image, x + 3, y + 5) as never);
      expect(resizeBox(image, box, 8, 6, filter)).toEqual(cut);
    }
  });

  it('keeps a constant colour whatever the sizes, the box and the filter', () => {
    const side = fc.integer({ min: 1, max: 40 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const property = fc.property(
      fc.tuple(side, side, side, side),
      fc.tuple(share, share, share, share),
      fc.constantFrom<Filter>('bilinear', 'bicubic'),
      fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)),
      ([w, h, toW, toH], [a, b, c, d], filter, colour) => {
        const [width, height] = [w * Math.max(a, 0.05), h * Math.max(b, 0.05)];
        const box = { left: (w - width) * c, top: (h - height) * d, width, height };
        const image = resizeBox(plain(w, h, colour), box, toW, toH, filter);
        expect(image).toEqual(plain(toW, toH, colour));
      },
    );
    fc.assert(property, { seed: 7, numRuns: 100 });
  });
});

describe('resizeLikePillow', () => {
  const source = load(fixtures.source);
  const whole = fixtures.cases.filter(
    ({ box }) => box.width === source.width && box.height === source.height,
  );

  it.each(whole)("gives Pillow's bytes: $filter, to $width x $height", ({ filter, ...stored }) => {
    const expected = load(stored);
    const image = resizeLikePillow(source, expected.width, expected.height, filter);
    expect(largestDifference(image.data, expected.data)).toBe(0);
  });
});

describe('resizeShortSide', () => {
  it.each([
    [100, 50, 25, 50, 25],
    [50, 101, 25, 25, 51],
    [30, 30, 64, 64, 64],
    [33, 1000, 16, 16, 485],
  ])(
    'makes of %ix%i with a short side of %i: %ix%i',
    (width, height, side, newWidth, newHeight) => {
      const image = resizeShortSide(plain(width, height, [9, 8, 7]), side);
      expect(image).toEqual(plain(newWidth, newHeight, [9, 8, 7]));
    },
  );
});

describe('centreSquare', () => {
  it.each([
    [60, 40],
    [40, 60],
  ])('takes the middle of %ix%i', (width, height) => {
    const inside = (x: number, y: number) =>
      Math.abs(x + 0.5 - width / 2) < 20 && Math.abs(y + 0.5 - height / 2) < 20;
    const image = paint(width, height, (x, y) => (inside(x, y) ? [10, 200, 90] : [255, 0, 0]));
    expect(centreSquare(image, 40)).toEqual(plain(40, 40, [10, 200, 90]));
  });

  it('reaches between pixels where the margin is odd', () => {
    const image = paint(41, 40, (x) => (x < 20 ? [0, 0, 0] : [200, 200, 200]));
    const row = [18, 19, 20, 21].map((x) => pixel(centreSquare(image, 40), x, 7)[0]);
    expect(row).toEqual([0, 100, 200, 200]);
  });
});
