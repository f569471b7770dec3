import { describe, expect, it } from 'vitest';
import {
  drawResizedCrop,
  randomResizedCrop,
  resizedCropBox,
} from '../../src/images/resized-crop.js';
import { Random } from '../../src/random.js';
import { temporaryFolder, textured, writePicture } from './pictures.js';

const options = { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] } as const;

/** A source that gives the listed numbers, whole ones for `int`. */
function scripted(...values: number[]) {
  const next = (): number => values.shift()!;
  return { uniform: next, int: next };
}

describe('the box of a random resized crop', () => {
  it('is torchvision’s: area, logarithm of the ratio, top, left', () => {
    // Area 0.54 · 400 · 300 = 64800, ratio exp(0) = 1: a square of side 254.56.
    const box = resizedCropBox({ width: 400, height: 300 }, options, scripted(0.5, 0.5, 7, 30));
    expect(box).toEqual({ left: 30, top: 7, width: 255, height: 255 });
  });

  it('is the largest middle one when ten attempts do not fit', () => {
    const draws = Array.from({ length: 10 }, () => [1, 1]).flat();
    const box = resizedCropBox({ width: 100, height: 400 }, options, scripted(...draws));
    // The picture's ratio, 1 / 4, is below 3 / 4: full width, height 100 / 0.75.
    expect(box).toEqual({ left: 0, top: 133, width: 100, height: 133 });
  });

  it('stays inside, with the areas and ratios that were asked for, evenly spread', () => {
    const random = new Random(1);
    const [width, height] = [500, 375];
    const areas: number[] = [];
    for (let i = 0; i < 4000; i++) {
      const box = resizedCropBox({ width, height }, options, random);
      expect(box.left >= 0 && box.top >= 0).toBe(true);
      expect(box.left + box.width <= width && box.top + box.height <= height).toBe(true);
      const ratio = box.width / box.height;
      expect(ratio > 0.74 && ratio < 1.35).toBe(true);
      areas.push((box.width * box.height) / (width * height));
    }
    areas.sort((a, b) => a - b);
    expect(areas[0]).toBeGreaterThan(0.079);
    // Uniform between 0.08 and 1 but for large boxes, which fit less often.
    expect(areas[1000]).toBeCloseTo(0.08 + 0.25 * 0.89, 1);
    expect(areas.at(-1)).toBeGreaterThan(0.9);
  });
});

describe('a random resized crop', () => {
  const at = temporaryFolder();
  const whole = { size: 8, scale: [1, 1], ratio: [1, 1] } as const;
  const data = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => i);
  const image = { width: 8, height: 8, data };
  const pixel = (x: number, y: number): number => (y * 8 + x) * 3;

  it.each([
    [0, 0, (x: number, y: number) => pixel(x, y)],
    [1, 0, (x: number, y: number) => pixel(7 - x, y)],
    [0, 1, (x: number, y: number) => pixel(x, 7 - y)],
    [1, 1, (x: number, y: number) => pixel(7 - x, 7 - y)],
  ])('is mirrored: left and right %d, top and bottom %d', (horizontal, vertical, source) => {
    const flips = { horizontalFlip: horizontal, verticalFlip: vertical };
    const crop = randomResizedCrop(image, { ...whole, ...flips }, new Random(1));
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) expect(crop.data[pixel(x, y)]).toBe(source(x, y));
    }
  });

  it('is drawn from the files with the random stream alone', async () => {
    const files = [at('a.png'), at('b.png')];
    await writePicture(files[0]!, textured(60, 40));
    await writePicture(files[1]!, textured(40, 60));
    const settings = { ...options, size: 32, horizontalFlip: 0.5, verticalFlip: 0.5 };
    const draw = (seed: number) => drawResizedCrop(files, settings, new Random(seed));
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).toMatchObject({ width: 32, height: 32 });
    expect(await draw(1)).not.toEqual(await draw(2));
  });
});
