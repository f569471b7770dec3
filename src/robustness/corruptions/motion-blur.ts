import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';
import { blurAlongLine, type Motion } from './blur-along-line.js';
import { atSeverity, type BySeverity, type Corruption, type Severity } from './corruption.js';
import { rgbShape } from './pixels.js';

const MOTIONS: BySeverity<Omit<Motion, 'angle'>> = [
  { radius: 10, sigma: 3 },
  { radius: 15, sigma: 5 },
  { radius: 15, sigma: 8 },
  { radius: 15, sigma: 12 },
  { radius: 20, sigma: 15 },
];

/** Blurs along a line, as a camera that moves does. */
export const motionBlur: Corruption = (image, severity, random) =>
  blurByMotion(image, severity, drawMotionAngle(random));

/** Degrees, -45 to 45. */
export const drawMotionAngle = (random: Random): number => -45 + 90 * random.uniform();

export function blurByMotion(image: RgbImage, severity: Severity, angle: number): RgbImage {
  const motion = { ...atSeverity(MOTIONS, severity), angle };
  const blurred = blurAlongLine(Float64Array.from(image.data), rgbShape(image), motion);
  const data = Uint8Array.from(blurred, (value) => Math.trunc(Math.min(255, value)));
  return { width: image.width, height: image.height, data };
}
