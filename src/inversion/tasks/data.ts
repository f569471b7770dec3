/** Pictures for training: random crops of photographs, and the fixed crops that validation uses. */
import { z } from 'zod';
import { CropSampler, heldOutCrops } from '../../images/crops.js';
import { listImages } from '../../images/list-images.js';
import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';

export const dataSchema = z.strictObject({
  /** Folder of photographs to crop from. */
  photographs: z.string(),
  /** Folder of cut-outs with alpha that are pasted into crops. */
  stamps: z.string().optional(),
  /** Folder of photographs that are never trained on. */
  heldOut: z.string(),
  /** Validation crops of each held-out photograph; the first is the centre square. */
  heldOutCropsPerImage: z.number().int().min(1).max(64).default(2),
  /** At most this many validation crops. */
  validationCrops: z.number().int().min(2).max(1024).default(64),
});

export type DataConfig = z.infer<typeof dataSchema>;

/** Seed of the validation crops: the same for every run, so that runs can be compared. */
const HELD_OUT_SEED = 64;

export interface TrainingPictures {
  readonly size: number;
  /** [count, 3, size, size] in [-1, 1], drawn from `random`. */
  batch(random: Random, count: number): Float32Array;
  /** Fixed held-out crops. */
  readonly heldOut: readonly RgbImage[];
}

export async function openPictures(config: DataConfig, size: number): Promise<TrainingPictures> {
  const sampler = await CropSampler.open({
    photographs: config.photographs,
    ...(config.stamps === undefined ? {} : { stamps: config.stamps }),
  });
  const files = await listImages(config.heldOut);
  const crops = await heldOutCrops(files, config.heldOutCropsPerImage, size, HELD_OUT_SEED);
  return {
    size,
    batch: (random, count) => {
      const planar = new Float32Array(count * 3 * size * size);
      for (let i = 0; i < count; i++) {
        writePlanar(sampler.sample(random, size), planar, i * 3 * size * size);
      }
      return planar;
    },
    heldOut: spread(crops, config.validationCrops),
  };
}

/** Images as one batch [N, 3, H, W] in [-1, 1]: x / 127.5 - 1. */
export function toBatch(images: readonly RgbImage[]): Float32Array {
  const [first] = images as readonly [RgbImage, ...RgbImage[]];
  const stride = 3 * first.width * first.height;
  const planar = new Float32Array(images.length * stride);
  images.forEach((image, i) => writePlanar(image.data, planar, i * stride));
  return planar;
}

/** One image out of a batch [N, 3, size, size] in [-1, 1]. */
export function fromBatch(planar: Float32Array, index: number, size: number): RgbImage {
  const area = size * size;
  const data = new Uint8Array(3 * area);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < area; i++) {
      const value = planar[(index * 3 + c) * area + i]! * 127.5 + 127.5;
      data[i * 3 + c] = Math.min(255, Math.max(0, Math.round(value)));
    }
  }
  return { width: size, height: size, data };
}

function writePlanar(pixels: Uint8Array, out: Float32Array, offset: number): void {
  const area = pixels.length / 3;
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) out[offset + c * area + i] = pixels[i * 3 + c]! / 127.5 - 1;
  }
}

/** At most `count` items, evenly spread over all. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}
