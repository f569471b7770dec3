/** Random square crops of photographs for training, and fixed ones of held-out photographs. */
import sharp from 'sharp';
import type { Random } from '../random.js';
import { Random as SeededRandom } from '../random.js';
import { listImages } from './list-images.js';
import { readImage } from './read-image.js';
import { drawNumber, type Shard } from './shard.js';
import { centreSquare, resizeBox, resizeShortSide } from './resize.js';
import type { RgbImage } from './rgb-image.js';

export interface CropSamplerOptions {
  /** Folder of photographs. */
  readonly photographs: string;
  /** Folder of cut-outs with alpha that are pasted into some crops. */
  readonly stamps?: string;
}

/** Photographs are kept with a short side of at most this many pixels: native tiles are often blurred. */
const SHORT_SIDE = 512;
/** Cut-outs are kept with a long side of at most this many pixels. */
const STAMP_SIDE = 128;
/** Side of a crop relative to the photograph's short side. */
const SMALLEST_CROP = 0.25;
/** Share of crops that get a cut-out, where there are any. */
const STAMPED = 0.25;

interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Draws crops; the same random stream gives the same crops. */
export class CropSampler {
  private constructor(
    /** Each photograph at halving resolutions, largest first. */
    private readonly pyramids: readonly (readonly RgbImage[])[],
    private readonly stamps: readonly RgbaImage[],
  ) {}

  static async open({ photographs, stamps }: CropSamplerOptions): Promise<CropSampler> {
    const pyramids: RgbImage[][] = [];
    for (const file of await listImages(photographs)) {
      pyramids.push(pyramid(await readImage(file)));
    }
    const cutOuts: RgbaImage[] = [];
    for (const file of stamps === undefined ? [] : await listImages(stamps)) {
      cutOuts.push(await readCutOut(file));
    }
    return new CropSampler(pyramids, cutOuts);
  }

  get photographs(): number {
    return this.pyramids.length;
  }

  /** One crop of size × size pixels, RGB interleaved; large crops are the more common ones. Cut-outs are not sharded. */
  sample(random: Random, size: number, shard?: Shard): Uint8Array {
    const levels = this.pyramids[drawNumber(random, this.pyramids.length, shard)]!;
    const { width, height } = levels[0]!;
    const share = SMALLEST_CROP + (1 - SMALLEST_CROP) * Math.sqrt(random.uniform());
    const side = Math.min(width, height) * share;
    const left = random.uniform() * (width - side);
    const top = random.uniform() * (height - side);
    // The coarsest level that still has as many pixels as the crop needs.
    const level = levels.findLast((image) => (side * image.width) / width >= size) ?? levels[0]!;
    const [sx, sy] = [level.width / width, level.height / height];
    const box = { left: left * sx, top: top * sy, width: side * sx, height: side * sy };
    const crop = resizeBox(level, box, size, size).data;
    if (random.uniform() < 0.5) flip(crop, size);
    if (this.stamps.length > 0 && random.uniform() < STAMPED) this.paste(random, crop, size);
    return crop;
  }

  /** Puts a cut-out of 0.35 to 0.95 of the crop's side somewhere into the crop. */
  private paste(random: Random, crop: Uint8Array, size: number): void {
    const stamp = this.stamps[random.int(this.stamps.length)]!;
    const long = size * (0.35 + 0.6 * random.uniform());
    const scale = long / Math.max(stamp.width, stamp.height);
    const [w, h] = [stamp.width * scale, stamp.height * scale];
    const left = random.uniform() * (size - w);
    const top = random.uniform() * (size - h);
    const mirrored = random.uniform() < 0.5;
    for (let y = Math.ceil(top); y < Math.min(size, top + h); y++) {
      for (let x = Math.ceil(left); x < Math.min(size, left + w); x++) {
        const u = (mirrored ? w - (x - left) : x - left) / scale;
        blend(stamp, u, (y - top) / scale, Math.max(1, 1 / scale), crop, (y * size + x) * 3);
      }
    }
  }
}

/** Box-filtered colour of a cut-out around (u, v), composed over a pixel of the crop. */
function blend(
  stamp: RgbaImage,
  u: number,
  v: number,
  extent: number,
  crop: Uint8Array,
  at: number,
): void {
  const x0 = Math.max(0, Math.floor(u - extent / 2));
  const y0 = Math.max(0, Math.floor(v - extent / 2));
  const x1 = Math.min(stamp.width, Math.max(x0 + 1, Math.ceil(u + extent / 2)));
  const y1 = Math.min(stamp.height, Math.max(y0 + 1, Math.ceil(v + extent / 2)));
  const sum = [0, 0, 0];
  let alpha = 0;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const i = (y * stamp.width + x) * 4;
      const a = stamp.data[i + 3]!;
      alpha += a;
      for (let c = 0; c < 3; c++) sum[c]! += a * stamp.data[i + c]!;
    }
  }
  const area = Math.max(1, (x1 - x0) * (y1 - y0));
  const cover = alpha / (255 * area);
  if (alpha === 0) return;
  for (let c = 0; c < 3; c++) {
    crop[at + c] = Math.round((1 - cover) * crop[at + c]! + (cover * sum[c]!) / alpha);
  }
}

function pyramid(photograph: RgbImage): RgbImage[] {
  const short = Math.min(photograph.width, photograph.height);
  const levels = [short > SHORT_SIDE ? resizeShortSide(photograph, SHORT_SIDE) : photograph];
  for (;;) {
    const { width, height } = levels.at(-1)!;
    const side = Math.floor(Math.min(width, height) / 2);
    if (side < 64) return levels;
    levels.push(resizeShortSide(levels.at(-1)!, side));
  }
}

async function readCutOut(file: string): Promise<RgbaImage> {
  const { data, info } = await sharp(file)
    .resize(STAMP_SIDE, STAMP_SIDE, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** Mirrors a square picture in place. */
function flip(pixels: Uint8Array, size: number): void {
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size >> 1; x++) {
      const a = (y * size + x) * 3;
      const b = (y * size + size - 1 - x) * 3;
      for (let c = 0; c < 3; c++) {
        const keep = pixels[a + c]!;
        pixels[a + c] = pixels[b + c]!;
        pixels[b + c] = keep;
      }
    }
  }
}

/**
 * Fixed crops for evaluation: of every picture its centre square, then random ones of 0.5 to 1 of its
 * short side. A picture's crops depend on the seed and its place in the list only.
 */
export async function heldOutCrops(
  files: readonly string[],
  perImage: number,
  size: number,
  seed: number,
): Promise<RgbImage[]> {
  const crops: RgbImage[] = [];
  for (const [index, file] of files.entries()) {
    const image = await readImage(file);
    const random = new SeededRandom(seed).fork(`picture ${index}`);
    crops.push(centreSquare(image, size));
    for (let i = 1; i < perImage; i++) {
      const side = Math.min(image.width, image.height) * (0.5 + 0.5 * random.uniform());
      const left = random.uniform() * (image.width - side);
      const top = random.uniform() * (image.height - side);
      crops.push(resizeBox(image, { left, top, width: side, height: side }, size, size));
    }
  }
  return crops;
}
