import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';
import { atSeverity, type BySeverity, type Corruption, type Severity } from './corruption.js';
import { drawUniforms } from './pixels.js';

/** Share of the values that are lost. */
const AMOUNTS: BySeverity<number> = [0.03, 0.06, 0.09, 0.17, 0.27];

/** Uniform numbers for each value of the picture. */
export interface ImpulseField {
  /** Up to the amount: the value is lost. */
  readonly loss: Float64Array;
  /** Up to a half: what is lost becomes full, else zero. */
  readonly salt: Float64Array;
}

/** Salt and pepper: some values of single channels become 0 or 255. */
export const impulseNoise: Corruption = (image, severity, random) =>
  applyImpulses(image, severity, drawImpulses(random, image.data.length));

export function drawImpulses(random: Random, count: number): ImpulseField {
  const loss = drawUniforms(random, count);
  return { loss, salt: drawUniforms(random, count) };
}

export function applyImpulses(
  image: RgbImage,
  severity: Severity,
  { loss, salt }: ImpulseField,
): RgbImage {
  const amount = atSeverity(AMOUNTS, severity);
  const data = image.data.map((value, i) =>
    loss[i]! > amount ? value : salt[i]! <= 0.5 ? 255 : 0,
  );
  return { width: image.width, height: image.height, data };
}
