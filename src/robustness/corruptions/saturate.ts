import { atSeverity, type BySeverity, type Corruption } from './corruption.js';
import { changeHsv } from './hsv.js';

/** The saturation times the factor plus the offset; the two mildest take colour away. */
const CHANGES: BySeverity<{ readonly factor: number; readonly offset: number }> = [
  { factor: 0.3, offset: 0 },
  { factor: 0.1, offset: 0 },
  { factor: 2, offset: 0 },
  { factor: 5, offset: 0.1 },
  { factor: 20, offset: 0.2 },
];

export const saturate: Corruption = (image, severity) => {
  const { factor, offset } = atSeverity(CHANGES, severity);
  return changeHsv(image, ([hue, saturation, value]) => [
    hue,
    Math.min(1, saturation * factor + offset),
    value,
  ]);
};
