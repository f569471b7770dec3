/** A part of a picture, and what it covers of a map's positions. */
import { InputError } from '../errors.js';
import { readImage } from './read-image.js';
import type { RgbImage } from './rgb-image.js';

export type Region =
  /** A rectangle in shares of the picture's middle square, 0 to 1, from its top left corner. */
  | {
      readonly kind: 'box';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    }
  /** White is in, black is out, grey in part. Its middle square lies on the picture's. */
  | { readonly kind: 'mask'; readonly image: RgbImage };

/** Room for decimals that do not sum to 1 exactly. */
const ROUNDING = 1e-9;
/** A scaled copy of a picture differs in its ratio of sides by rounding. */
const RATIO_TOLERANCE = 0.02;

/**
 * The region that a text names: `x,y,w,h`, or a mask's file. A mask is square or has the ratio of the
 * picture's sides. `name` stands in messages.
 */
export async function readRegion(
  text: string,
  picture: { readonly width: number; readonly height: number },
  name = '--region',
): Promise<Region> {
  const isNumbers = /^[-+.,\s\deE]+$/.test(text);
  const region = isNumbers
    ? parseBox(text, name)
    : ({ kind: 'mask', image: await readMask(text, picture) } as const);
  if (regionWeights(region, 1, 1)[0] === 0) {
    throw new InputError(`${text} is all black: paint white what belongs to the region`);
  }
  return region;
}

function parseBox(text: string, name: string): Region {
  const parts = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [x, y, width, height] = parts as [number, number, number, number];
  const fits =
    parts.length === 4 &&
    x >= 0 &&
    y >= 0 &&
    width > 0 &&
    height > 0 &&
    x + width <= 1 + ROUNDING &&
    y + height <= 1 + ROUNDING;
  if (fits) return { kind: 'box', x, y, width, height };
  throw new InputError(
    `${name} must be x,y,w,h in shares of the picture’s middle square, such as 0.25,0,0.5,1, or a mask’s file, got "${text}"`,
  );
}

async function readMask(
  file: string,
  picture: { readonly width: number; readonly height: number },
): Promise<RgbImage> {
  const mask = await readImage(file);
  const ratio = mask.width / mask.height / (picture.width / picture.height);
  if (mask.width !== mask.height && Math.abs(ratio - 1) > RATIO_TOLERANCE) {
    throw new InputError(
      `${file} has ${mask.width}x${mask.height} pixels, the picture ${picture.width}x${picture.height}: ` +
        'a mask must be square or have the same ratio of sides',
    );
  }
  return mask;
}

/** Share of each position's area that lies in the region, [height · width] row by row. */
export function regionWeights(region: Region, height: number, width: number): Float32Array {
  const weights = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = { x: x / width, y: y / height, width: 1 / width, height: 1 / height };
      const share =
        region.kind === 'box'
          ? overlap(cell.x, cell.width, region.x, region.width) *
            overlap(cell.y, cell.height, region.y, region.height) *
            (width * height)
          : meanOfMask(region.image, cell);
      // Shares of whole cells come out as 1 but for rounding.
      weights[y * width + x] = Math.abs(share - 1) < ROUNDING ? 1 : share;
    }
  }
  return weights;
}

/** Length that two stretches share. */
function overlap(start: number, length: number, otherStart: number, otherLength: number): number {
  const end = Math.min(start + length, otherStart + otherLength);
  const shared = end - Math.max(start, otherStart);
  return shared > ROUNDING ? shared : 0;
}

/** Mean brightness, 0 to 1, of a cell of the mask's middle square. */
function meanOfMask(
  { width, height, data }: RgbImage,
  cell: { x: number; y: number; width: number; height: number },
): number {
  const side = Math.min(width, height);
  const left = (width - side) / 2 + cell.x * side;
  const top = (height - side) / 2 + cell.y * side;
  const [across, down] = [cell.width * side, cell.height * side];
  let sum = 0;
  for (let py = Math.floor(top); py < Math.min(height, top + down); py++) {
    const tall = overlap(top, down, py, 1);
    for (let px = Math.floor(left); px < Math.min(width, left + across); px++) {
      const at = (py * width + px) * 3;
      const brightness = (data[at]! + data[at + 1]! + data[at + 2]!) / (3 * 255);
      sum += tall * overlap(left, across, px, 1) * brightness;
    }
  }
  return sum / (across * down);
}
