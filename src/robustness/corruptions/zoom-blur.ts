import { atSeverity, type BySeverity, type Corruption } from './corruption.js';
import { magnify } from './magnify.js';
import { fromUnitFloat32, rgbShape, toUnitFloat32 } from './pixels.js';

/** Magnifications from 1 in steps up to, but without, the end. */
const ZOOMS: BySeverity<{ readonly end: number; readonly step: number }> = [
  { end: 1.11, step: 0.01 },
  { end: 1.16, step: 0.01 },
  { end: 1.21, step: 0.02 },
  { end: 1.26, step: 0.02 },
  { end: 1.31, step: 0.03 },
];

/** Averages the picture and magnifications of it, as a lens that zooms does. */
export const zoomBlur: Corruption = (image, severity) => {
  const { end, step } = atSeverity(ZOOMS, severity);
  const values = toUnitFloat32(image);
  // Rounded as numpy.arange does: a magnified size may lie halfway between two whole ones.
  const rounded = 1 + step - 1;
  const factors = Array.from({ length: Math.ceil((end - 1) / step) }, (_, i) => 1 + i * rounded);
  const sum = new Float32Array(values.length);
  for (const factor of factors) {
    const magnified = magnify(values, rgbShape(image), factor);
    for (let i = 0; i < sum.length; i++) sum[i]! += magnified[i]!;
  }
  return fromUnitFloat32(
    image,
    values.map((value, i) => Math.fround(value + sum[i]!) / (factors.length + 1)),
  );
};
