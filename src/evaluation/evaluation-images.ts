/** Photographs as the images of an evaluation, read when they are needed. */
import { InputError } from '../errors.js';
import { heldOutCrops } from '../images/crops.js';
import type { RgbPixels } from '../metrics/index.js';
import { Random } from '../random.js';
import { nameIn, type Photographs } from './photographs.js';

/** The images of an evaluation. They are read one by one, so that any number fits in memory. */
export interface EvaluationImages {
  readonly count: number;
  /** The photograph that image `index` is cut from; the floor compares different photographs. */
  source(index: number): string;
  /** Throws InputError where the picture cannot be read. */
  read(index: number): Promise<EvaluationImage>;
}

export interface EvaluationImage {
  readonly name: string;
  readonly image: RgbPixels;
  /** What `image` was before it was altered; absent for pictures as they are. */
  readonly clean?: RgbPixels;
}

/** Photographs whose crops are kept: those of one batch and of its partners for the floor. */
const KEPT = 64;

/**
 * Square crops of photographs, `crops` of each: the middle square, then random ones. They depend on the
 * seed and on the photograph's place in the list.
 */
export function photographCrops(
  { root, files }: Photographs,
  { crops, size, seed }: { readonly crops: number; readonly size: number; readonly seed: number },
): EvaluationImages {
  const kept = new Map<number, Promise<RgbPixels[]>>();
  const random = new Random(seed);
  const cropsOf = (photograph: number): Promise<RgbPixels[]> => {
    const known = kept.get(photograph);
    if (known) return known;
    const own = random.fork(`crops of photograph ${photograph}`).int(2 ** 32);
    const read = heldOutCrops([files[photograph]!], crops, size, own);
    kept.set(photograph, read);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
    return read;
  };
  const photographOf = (index: number): number => Math.floor(index / crops);
  return {
    count: files.length * crops,
    source: (index) => files[photographOf(index)]!,
    read: async (index) => {
      const [file, crop] = [files[photographOf(index)]!, index % crops];
      const image = (await cropsOf(photographOf(index)))[crop]!;
      const name = nameIn(root, file);
      return { image, name: crop === 0 ? name : `${name}, crop ${crop + 1}` };
    },
  };
}

/** A random image of another photograph than image `index`; one that cannot be read is passed over. */
export async function readPartner(
  images: EvaluationImages,
  index: number,
  random: Random,
): Promise<RgbPixels> {
  const source = images.source(index);
  const start = random.int(images.count);
  for (let step = 0; step < images.count; step++) {
    const candidate = (start + step) % images.count;
    if (images.source(candidate) === source) continue;
    try {
      return (await images.read(candidate)).image;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  throw new InputError(
    `evaluation: every image comes from ${source}; the floor needs images of at least two photographs`,
  );
}
