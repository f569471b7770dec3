/** Pictures for training: random crops of photographs, and the fixed crops that validation uses. */
import { z } from 'zod';
import { CropSampler, heldOutCrops } from '../../images/crops.js';
import { listImages } from '../../images/list-images.js';
import { centreSquare } from '../../images/resize.js';
import { drawResizedCrop } from '../../images/resized-crop.js';
import type { RgbImage } from '../../images/rgb-image.js';
import type { Shard } from '../../images/shard.js';
import type { Random } from '../../random.js';
import { toBatch } from '../planar.js';

const share = z.number().min(0).max(1);
const range = z
  .tuple([z.number().positive(), z.number().positive()])
  .refine(([low, high]) => low <= high, 'the first number must not be above the second');

/** The authors' augmentation by default. */
const resizedCropSchema = z.strictObject({
  /** Side of the crops, as the classifier sees them; pictures are made smaller for the autoencoder. */
  size: z.number().int().min(32),
  /** Share of a photograph's area. */
  scale: range.default([0.08, 1]),
  /** Width over height, before the crop becomes a square. */
  ratio: range.default([3 / 4, 4 / 3]),
  horizontalFlip: share.default(0.5),
  verticalFlip: share.default(0.5),
});

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
  /** Crops as ImageNet classifiers are trained with, from files that are read as they are drawn. */
  resizedCrop: resizedCropSchema.optional(),
});

export type DataConfig = z.infer<typeof dataSchema>;

/** Seed of the validation crops: the same for every run, so that runs can be compared. */
const HELD_OUT_SEED = 64;

export interface TrainingPictures {
  /** Side of the crops: of the pictures, or larger where a classifier sees more pixels. */
  readonly cropSize: number;
  /** `count` crops, drawn from `random`; of all photographs or of a shard. */
  crops(random: Random, count: number, shard?: Shard): Promise<RgbImage[]>;
  /** Crops as pictures [count, 3, size, size] in [-1, 1]. */
  pictures(crops: readonly RgbImage[]): Float32Array;
  /** [count, 3, size, size] in [-1, 1], drawn from `random`. */
  batch(random: Random, count: number, shard?: Shard): Promise<Float32Array>;
  /** Fixed held-out crops of `size` pixels. */
  readonly heldOut: readonly RgbImage[];
}

/** `size`: side of the pictures. */
export async function openPictures(config: DataConfig, size: number): Promise<TrainingPictures> {
  const draw = await cropSource(config, size);
  const files = await listImages(config.heldOut);
  const heldOut = await heldOutCrops(files, config.heldOutCropsPerImage, size, HELD_OUT_SEED);
  const crops = async (random: Random, count: number, shard?: Shard): Promise<RgbImage[]> => {
    const drawn: RgbImage[] = [];
    for (let i = 0; i < count; i++) drawn.push(await draw(random, shard));
    return drawn;
  };
  const pictures = (drawn: readonly RgbImage[]): Float32Array =>
    toBatch(drawn.map((crop) => (crop.width === size ? crop : centreSquare(crop, size))));
  return {
    cropSize: config.resizedCrop?.size ?? size,
    crops,
    pictures,
    batch: async (random, count, shard) => pictures(await crops(random, count, shard)),
    heldOut: spread(heldOut, config.validationCrops),
  };
}

async function cropSource(
  { photographs, stamps, resizedCrop }: DataConfig,
  size: number,
): Promise<(random: Random, shard?: Shard) => RgbImage | Promise<RgbImage>> {
  if (resizedCrop !== undefined) {
    const files = await listImages(photographs);
    return (random, shard) => drawResizedCrop(files, resizedCrop, random, shard);
  }
  const sampler = await CropSampler.open({ photographs, ...(stamps !== undefined && { stamps }) });
  return (random, shard) => ({
    ...{ width: size, height: size },
    data: sampler.sample(random, size, shard),
  });
}

/** At most `count` items, evenly spread over all. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}
