import type { RgbImage } from '../../images/rgb-image.js';
import { atSeverity, type BySeverity, type Corruption, type Severity } from './corruption.js';
import { drawUniforms, fromUnit } from './pixels.js';

/** Photons that white stands for. */
const PHOTONS: BySeverity<number> = [60, 25, 12, 5, 3];

/** Replaces each value by the count of a Poisson process, as a sensor in poor light does. */
export const shotNoise: Corruption = (image, severity, random) =>
  countPhotons(image, severity, drawUniforms(random, image.data.length));

/** `uniforms`: for each value of the picture the quantile of the count. */
export function countPhotons(
  image: RgbImage,
  severity: Severity,
  uniforms: Float64Array,
): RgbImage {
  const photons = atSeverity(PHOTONS, severity);
  const counts = Float64Array.from(image.data, (value, i) =>
    poissonQuantile((value / 255) * photons, uniforms[i]!),
  );
  return fromUnit(
    image,
    counts.map((count) => count / photons),
  );
}

/** The smallest count whose cumulative probability reaches `share`; `mean` up to some hundreds. */
export function poissonQuantile(mean: number, share: number): number {
  let probability = Math.exp(-mean);
  let cumulative = probability;
  let count = 0;
  // Rounding may keep the sum below a share next to 1; the terms then run out.
  while (cumulative < share && probability > 0) {
    count += 1;
    probability *= mean / count;
    cumulative += probability;
  }
  return count;
}
