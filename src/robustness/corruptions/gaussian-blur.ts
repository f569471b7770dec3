import { atSeverity, type BySeverity, type Corruption } from './corruption.js';
import { gaussianFilter } from './gaussian-filter.js';
import { fromUnit, rgbShape, toUnit } from './pixels.js';

/** Standard deviation in pixels. */
const SIGMAS: BySeverity<number> = [1, 2, 3, 4, 6];

export const gaussianBlur: Corruption = (image, severity) => {
  const sigma = atSeverity(SIGMAS, severity);
  return fromUnit(
    image,
    gaussianFilter(toUnit(image), rgbShape(image), {
      sigma: [sigma, sigma],
      border: 'nearest',
      truncate: 4,
    }),
  );
};
