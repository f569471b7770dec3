import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';
import { atSeverity, type BySeverity, type Corruption, type Severity } from './corruption.js';
import { fromUnit, toUnit } from './pixels.js';
import { plasmaFractal } from './plasma-fractal.js';

interface Fog {
  /** How much brightness the thickest fog adds. */
  readonly density: number;
  /** By how much the fog's detail weakens from one scale to the next; low is rough. */
  readonly decay: number;
}

const FOGS: BySeverity<Fog> = [
  { density: 1.5, decay: 2 },
  { density: 2, decay: 2 },
  { density: 2.5, decay: 1.7 },
  { density: 2.5, decay: 1.5 },
  { density: 3, decay: 1.4 },
];

/** Covers the picture by clouds of a plasma fractal. */
export const fog: Corruption = (image, severity, random) =>
  addFog(image, severity, drawFog(image, severity, random));

/** Thickness 0 to 1 for each pixel, row by row. */
export function drawFog(
  { width, height }: RgbImage,
  severity: Severity,
  random: Random,
): Float64Array {
  const size = 2 ** Math.ceil(Math.log2(Math.max(width, height)));
  const square = plasmaFractal(size, atSeverity(FOGS, severity).decay, random);
  const field = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    field.set(square.subarray(y * size, y * size + width), y * width);
  }
  return field;
}

export function addFog(image: RgbImage, severity: Severity, field: Float64Array): RgbImage {
  const { density } = atSeverity(FOGS, severity);
  const values = toUnit(image);
  const brightest = values.reduce((a, b) => Math.max(a, b));
  return fromUnit(
    image,
    values.map(
      (value, i) =>
        ((value + density * field[Math.floor(i / 3)]!) * brightest) / (brightest + density),
    ),
  );
}
