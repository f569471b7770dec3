import type { RgbImage } from '../../images/rgb-image.js';
import { atSeverity, type BySeverity, type Corruption, type Severity } from './corruption.js';
import { drawNormals, fromUnit, toUnit } from './pixels.js';

/** Standard deviation as a share of the value. */
const SCALES: BySeverity<number> = [0.15, 0.2, 0.35, 0.45, 0.6];

/** Adds noise that is the stronger the brighter the value. */
export const speckleNoise: Corruption = (image, severity, random) =>
  addSpeckleNoise(image, severity, drawNormals(random, image.data.length));

/** `normals`: a standard normal deviate for each value of the picture. */
export function addSpeckleNoise(
  image: RgbImage,
  severity: Severity,
  normals: Float32Array,
): RgbImage {
  const scale = atSeverity(SCALES, severity);
  return fromUnit(
    image,
    toUnit(image).map((value, i) => value + value * (scale * normals[i]!)),
  );
}
