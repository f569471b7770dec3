import type { RgbImage } from '../../images/rgb-image.js';
import { atSeverity, type BySeverity, type Corruption, type Severity } from './corruption.js';
import { drawNormals, fromUnit, toUnit } from './pixels.js';

/** Standard deviation for values in 0 to 1. */
const SCALES: BySeverity<number> = [0.08, 0.12, 0.18, 0.26, 0.38];

/** Adds noise of one strength everywhere. */
export const gaussianNoise: Corruption = (image, severity, random) =>
  addGaussianNoise(image, severity, drawNormals(random, image.data.length));

/** `normals`: a standard normal deviate for each value of the picture. */
export function addGaussianNoise(
  image: RgbImage,
  severity: Severity,
  normals: Float32Array,
): RgbImage {
  const scale = atSeverity(SCALES, severity);
  return fromUnit(
    image,
    toUnit(image).map((value, i) => value + scale * normals[i]!),
  );
}
