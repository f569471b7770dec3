/** RandomResizedCrop of torchvision, the augmentation of ImageNet classifiers. */
import type { Random } from '../random.js';
import { readImage } from './read-image.js';
import { resizeBox, type Box } from './resize.js';
import type { RgbImage } from './rgb-image.js';
import { drawNumber, type Shard } from './shard.js';

export interface ResizedCropOptions {
  /** Side of the result in pixels. */
  readonly size: number;
  /** Smallest and largest share of the picture's area. */
  readonly scale: readonly [number, number];
  /** Smallest and largest ratio of width to height, before the crop becomes a square. */
  readonly ratio: readonly [number, number];
  /** Probabilities of mirroring left and right, and top and bottom. */
  readonly horizontalFlip: number;
  readonly verticalFlip: number;
}

/** Draws until a box fits, at most so often. */
const ATTEMPTS = 10;

/**
 * torchvision's `RandomResizedCrop.get_params`: area and logarithm of the ratio are uniform; where no
 * attempt fits, the largest middle box with an allowed ratio. Edges are whole pixels.
 */
export function resizedCropBox(
  { width, height }: Pick<RgbImage, 'width' | 'height'>,
  { scale, ratio }: Pick<ResizedCropOptions, 'scale' | 'ratio'>,
  random: Pick<Random, 'uniform' | 'int'>,
): Box {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  for (let i = 0; i < ATTEMPTS; i++) {
    const area = width * height * between(...scale);
    const drawn = Math.exp(between(Math.log(ratio[0]), Math.log(ratio[1])));
    const w = Math.round(Math.sqrt(area * drawn));
    const h = Math.round(Math.sqrt(area / drawn));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    const top = random.int(height - h + 1);
    return { left: random.int(width - w + 1), top, width: w, height: h };
  }
  const allowed = Math.min(ratio[1], Math.max(ratio[0], width / height));
  const w = Math.min(width, Math.round(height * allowed));
  const h = Math.min(height, Math.round(width / allowed));
  const middle = (length: number, part: number): number => Math.floor((length - part) / 2);
  return { left: middle(width, w), top: middle(height, h), width: w, height: h };
}

/** A random crop of a picture at `size` × `size` pixels. */
export function randomResizedCrop(
  image: RgbImage,
  options: ResizedCropOptions,
  random: Random,
): RgbImage {
  const { size, horizontalFlip, verticalFlip } = options;
  const crop = resizeBox(image, resizedCropBox(image, options, random), size, size);
  const mirrored = random.uniform() < horizontalFlip;
  const upsideDown = random.uniform() < verticalFlip;
  return mirrored || upsideDown ? flip(crop, mirrored, upsideDown) : crop;
}

/**
 * Draws a file and a crop of it. Files are read when they are drawn: data sets need not fit into memory.
 */
export async function drawResizedCrop(
  files: readonly string[],
  options: ResizedCropOptions,
  random: Random,
  shard?: Shard,
): Promise<RgbImage> {
  const file = files[drawNumber(random, files.length, shard)]!;
  return randomResizedCrop(await readImage(file), options, random);
}

function flip({ data, width, height }: RgbImage, mirrored: boolean, upsideDown: boolean): RgbImage {
  const flipped = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = upsideDown ? height - 1 - y : y;
    for (let x = 0; x < width; x++) {
      const from = (row * width + (mirrored ? width - 1 - x : x)) * 3;
      flipped.set(data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { data: flipped, width, height };
}
