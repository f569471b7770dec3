/** Pictures and files that the tests of src/images share. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach } from 'vitest';
import { encodePng } from '../../src/images/png.js';
import type { RgbImage } from '../../src/images/rgb-image.js';

export type Colour = readonly [number, number, number];

/** A picture whose colour at (x, y) is `colour(x, y)`. */
export function paint(
  width: number,
  height: number,
  colour: (x: number, y: number) => Colour,
): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(colour(x, y), (y * width + x) * 3);
  }
  return { width, height, data };
}

export const plain = (width: number, height: number, colour: Colour): RgbImage =>
  paint(width, height, () => colour);

/** Stripes and ramps without symmetry, different for every `phase`. */
export const textured = (width: number, height: number, phase = 0): RgbImage =>
  paint(width, height, (x, y) => [
    (x * 5 + phase * 40) & 255,
    (y * 7 + ((x + phase) >> 3) * 31) & 255,
    (x * y + phase * 17) & 255,
  ]);

export function pixel({ width, data }: RgbImage, x: number, y: number): number[] {
  const at = (y * width + x) * 3;
  return [...data.subarray(at, at + 3)];
}

/** Largest difference between two pictures' values. */
export function largestDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/** The picture in the hands of sharp, to be encoded in any format. */
export const toSharp = ({ width, height, data }: RgbImage): Sharp =>
  sharp(data, { raw: { width, height, channels: 3 } });

/** Makes a temporary folder for each test; returns a function that gives a path in it. */
export function temporaryFolder(): (...parts: string[]) => string {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'featinv-images-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return (...parts) => path.join(folder, ...parts);
}

export async function writePicture(file: string, image: RgbImage): Promise<void> {
  await writeFile(file, await encodePng(image));
}
