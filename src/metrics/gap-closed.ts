import { InputError } from '../errors.js';
import type { BootstrapOptions, Interval } from './bootstrap.js';
import { bootstrapInterval } from './bootstrap.js';

/** Mean feature cosine per image, in the same order of images. */
export interface GapCosines {
  /** Of the reconstruction. */
  readonly cosine: ArrayLike<number>;
  /** Of another random image. */
  readonly floor: ArrayLike<number>;
  /** Of the autoencoder's round trip. */
  readonly ceiling: ArrayLike<number>;
}

export interface GapClosed extends Interval {
  /** (cosine - floor) / (ceiling - floor) on the means over images. */
  readonly value: number;
}

/**
 * The share of the gap between a random image and the autoencoder's round trip that
 * reconstructions close, with a bootstrap interval over images.
 */
export function gapClosed(cosines: GapCosines, options: BootstrapOptions): GapClosed {
  const { cosine, floor, ceiling } = cosines;
  const count = cosine.length;
  if (floor.length !== count || ceiling.length !== count || count === 0) {
    throw new InputError(
      `gap closed: ${count} cosines, ${floor.length} floors and ${ceiling.length} ceilings; give one of each per image`,
    );
  }
  const share = (indices: ArrayLike<number>): number => {
    let gained = 0;
    let gap = 0;
    for (let i = 0; i < count; i++) {
      const image = indices[i]!;
      gained += cosine[image]! - floor[image]!;
      gap += ceiling[image]! - floor[image]!;
    }
    return gained / gap;
  };
  const value = share(Array.from({ length: count }, (_, i) => i));
  return { value, ...bootstrapInterval(count, share, options) };
}
