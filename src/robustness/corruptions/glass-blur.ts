import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';
import { atSeverity, type BySeverity, type Corruption, type Severity } from './corruption.js';
import { gaussianFilter } from './gaussian-filter.js';
import { fromUnit, rgbShape, toUnit } from './pixels.js';

interface Glass {
  /** Standard deviation, in pixels, of the blur before and after. */
  readonly sigma: number;
  /** Pixels; a displacement is from -reach to reach - 1. */
  readonly reach: number;
  readonly rounds: number;
}

const GLASSES: BySeverity<Glass> = [
  { sigma: 0.7, reach: 1, rounds: 2 },
  { sigma: 0.9, reach: 2, rounds: 1 },
  { sigma: 1, reach: 2, rounds: 3 },
  { sigma: 1.1, reach: 3, rounds: 2 },
  { sigma: 1.5, reach: 4, rounds: 2 },
];

/** Displaces pixels by a little, between two blurs: a picture through frosted glass. */
export const glassBlur: Corruption = (image, severity, random) =>
  lookThroughGlass(image, severity, drawDisplacements(image, severity, random));

/** Across and down for each pixel that moves, in the order in which they do. */
export function drawDisplacements(
  { width, height }: RgbImage,
  severity: Severity,
  random: Random,
): Int8Array {
  const { reach, rounds } = atSeverity(GLASSES, severity);
  const moved = (height - 2 * reach) * (width - 2 * reach);
  return Int8Array.from(
    { length: rounds * moved * 2 },
    () => Math.floor(random.uniform() * 2 * reach) - reach,
  );
}

/**
 * From the bottom right to the top left each pixel takes the colour of the one that it is displaced to.
 * The usual implementation means to swap the two, but copies (its pixels are views), and the published
 * strengths are those of copying.
 */
export function lookThroughGlass(
  image: RgbImage,
  severity: Severity,
  displacements: Int8Array,
): RgbImage {
  const { width, height } = image;
  const { sigma, reach, rounds } = atSeverity(GLASSES, severity);
  const { data } = blurred(image, sigma);
  let next = 0;
  for (let round = 0; round < rounds; round++) {
    for (let y = height - reach; y > reach; y--) {
      for (let x = width - reach; x > reach; x--) {
        const dx = displacements[next++]!;
        const dy = displacements[next++]!;
        const from = ((y + dy) * width + x + dx) * 3;
        data.copyWithin((y * width + x) * 3, from, from + 3);
      }
    }
  }
  return blurred({ width, height, data }, sigma);
}

function blurred(image: RgbImage, sigma: number): RgbImage {
  return fromUnit(
    image,
    gaussianFilter(toUnit(image), rgbShape(image), {
      sigma: [sigma, sigma],
      border: 'nearest',
      truncate: 4,
    }),
  );
}
