/** Pictures for training: random crops of photographs, and the fixed crops that validation uses. */
import { z } from 'zod';
import { CropSampler, heldOutCrops } from '../../images/crops.js';
import { listImages } from '../../images/list-images.js';
import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';
import { writePlanar } from '../planar.js';

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

/** At most `count` items, evenly spread over all. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}
