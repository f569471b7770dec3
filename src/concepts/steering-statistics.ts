/** What steering changes in pictures, told from what the noise changes in them. */
import { InputError } from '../errors.js';
import type { RgbImage } from '../images/rgb-image.js';
import { benjaminiHochberg } from '../metrics/benjamini-hochberg.js';
import { studentTwoSided } from '../metrics/student-t.js';

export interface SteeringDifference {
  /** Steered minus unsteered, mean over seeds: RGB interleaved, 8-bit levels, -255 to 255. */
  readonly mean: Float32Array;
  /** Mean of |mean| over pixels and channels, in levels. */
  readonly meanAbsolute: number;
  /** Null with one seed, which shows no variation to compare with. */
  readonly significance: DifferenceSignificance | null;
}

export interface DifferenceSignificance {
  /** Paired t statistic of each pixel and channel. */
  readonly t: Float64Array;
  /** Two-sided p value of each pixel. */
  readonly p: Float64Array;
  /** 1 where a pixel changes, 0 where chance would do. */
  readonly significant: Uint8Array;
  /** Share of the pixels that change. */
  readonly share: number;
}

/** Expected share of false ones among the pixels that are called significant. */
export const FALSE_DISCOVERY_RATE = 0.05;

/** Two values rounded to whole levels: 1/12 each. */
const ROUNDING_VARIANCE = 1 / 6;

/**
 * Compares pictures pair by pair: `steered[i]` and `unsteered[i]` come from the same noise. Each channel
 * of each pixel gets t = mean / √(variance / n) of its n differences; a variance below that of rounding
 * to 8 bits counts as that. A pixel's p is three times its smallest channel's (Bonferroni), and pixels
 * are chosen by Benjamini and Hochberg at a false discovery rate of 5 %.
 */
export function steeringDifference(
  unsteered: readonly RgbImage[],
  steered: readonly RgbImage[],
): SteeringDifference {
  const seeds = steered.length;
  const values = steered[0]?.data.length ?? 0;
  const images = [...unsteered, ...steered];
  if (unsteered.length !== seeds || images.some(({ data }) => data.length !== values)) {
    throw new InputError(
      'steered and unsteered pictures must be of one size and as many, one pair for each seed',
    );
  }
  if (values === 0) throw new InputError('there are no pictures to compare');
  const mean = new Float32Array(values);
  const t = new Float64Array(values);
  let absolute = 0;
  for (let i = 0; i < values; i++) {
    let sum = 0;
    let squares = 0;
    for (let k = 0; k < seeds; k++) {
      const difference = steered[k]!.data[i]! - unsteered[k]!.data[i]!;
      sum += difference;
      squares += difference * difference;
    }
    // Sums of whole numbers: exact, so that nothing is lost in the subtraction.
    const variance = (squares - (sum * sum) / seeds) / (seeds - 1);
    const error = Math.sqrt(Math.max(variance, ROUNDING_VARIANCE) / seeds);
    mean[i] = sum / seeds;
    t[i] = sum / seeds / error;
    absolute += Math.abs(sum / seeds);
  }
  const significance = seeds === 1 ? null : significantPixels(t, seeds - 1);
  return { mean, meanAbsolute: absolute / values, significance };
}

function significantPixels(t: Float64Array, degrees: number): DifferenceSignificance {
  const p = Float64Array.from({ length: t.length / 3 }, (_, pixel) => {
    const channels = t.subarray(3 * pixel, 3 * pixel + 3);
    const largest = channels.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return Math.min(1, 3 * studentTwoSided(largest, degrees));
  });
  const significant = benjaminiHochberg(p, FALSE_DISCOVERY_RATE);
  const share = significant.reduce((sum, flag) => sum + flag, 0) / p.length;
  return { t, p, significant, share };
}
