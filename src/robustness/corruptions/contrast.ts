import { atSeverity, type BySeverity, type Corruption } from './corruption.js';
import { fromUnit, toUnit } from './pixels.js';

/** Share of the difference from a channel's mean that is left. */
const SHARES: BySeverity<number> = [0.4, 0.3, 0.2, 0.1, 0.05];

export const contrast: Corruption = (image, severity) => {
  const share = atSeverity(SHARES, severity);
  const values = toUnit(image);
  const means = [0, 0, 0];
  values.forEach((value, i) => (means[i % 3]! += value));
  for (let c = 0; c < 3; c++) means[c]! /= values.length / 3;
  return fromUnit(
    image,
    values.map((value, i) => (value - means[i % 3]!) * share + means[i % 3]!),
  );
};
