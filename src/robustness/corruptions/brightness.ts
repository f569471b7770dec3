import { atSeverity, type BySeverity, type Corruption } from './corruption.js';
import { changeHsv } from './hsv.js';

/** What is added to the value of hue, saturation, value. */
const ADDED: BySeverity<number> = [0.1, 0.2, 0.3, 0.4, 0.5];

export const brightness: Corruption = (image, severity) => {
  const added = atSeverity(ADDED, severity);
  return changeHsv(image, ([hue, saturation, value]) => [
    hue,
    saturation,
    Math.min(1, value + added),
  ]);
};
