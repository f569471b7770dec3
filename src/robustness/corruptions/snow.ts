import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';
import { blurAlongLine, type Motion } from './blur-along-line.js';
import { atSeverity, type BySeverity, type Corruption, type Severity } from './corruption.js';
import { magnify } from './magnify.js';
import { drawNormals, fromUnit, planeShape, toUnitFloat32 } from './pixels.js';

interface Snowfall {
  /** Mean and standard deviation of the noise that flakes are made of. */
  readonly mean: number;
  readonly deviation: number;
  /** Magnification of the noise: the flakes' size. */
  readonly size: number;
  /** Noise below it is no flake. */
  readonly threshold: number;
  readonly motion: Omit<Motion, 'angle'>;
  /** Share of the picture's own colours; the rest is whitened. */
  readonly colour: number;
}

const SNOWFALLS: BySeverity<Snowfall> = [
  snowfall(0.1, 3, 0.5, { radius: 10, sigma: 4 }, 0.8),
  snowfall(0.2, 2, 0.5, { radius: 12, sigma: 4 }, 0.7),
  snowfall(0.55, 4, 0.9, { radius: 12, sigma: 8 }, 0.7),
  snowfall(0.55, 4.5, 0.85, { radius: 12, sigma: 8 }, 0.65),
  snowfall(0.55, 2.5, 0.85, { radius: 12, sigma: 12 }, 0.55),
];

function snowfall(
  mean: number,
  size: number,
  threshold: number,
  motion: Snowfall['motion'],
  colour: number,
): Snowfall {
  return { mean, deviation: 0.3, size, threshold, motion, colour };
}

export interface SnowField {
  /** A standard normal deviate for each pixel. */
  readonly normals: Float32Array;
  /** The wind: degrees, -135 to -45. */
  readonly angle: number;
}

/** Whitens the picture and lets streaks of snow fall, the same ones again turned by half a turn. */
export const snow: Corruption = (image, severity, random) =>
  addSnow(image, severity, drawSnow(image, random));

export function drawSnow({ width, height }: RgbImage, random: Random): SnowField {
  const normals = drawNormals(random, width * height);
  return { normals, angle: -135 + 90 * random.uniform() };
}

export function addSnow(image: RgbImage, severity: Severity, field: SnowField): RgbImage {
  const fall = atSeverity(SNOWFALLS, severity);
  const layer = streaks(image, fall, field);
  const whitened = whiten(image, fall.colour);
  const values = Float64Array.from(whitened, (value, i) => {
    const pixel = Math.floor(i / 3);
    return value + layer[pixel]! + layer[layer.length - 1 - pixel]!;
  });
  return fromUnit(image, values);
}

/** Brightness that the snow adds to each pixel, in steps of 1/255. */
function streaks(image: RgbImage, fall: Snowfall, { normals, angle }: SnowField): Float64Array {
  const shape = planeShape(image);
  const noise = Float64Array.from(normals, (value) => fall.mean + fall.deviation * value);
  const flakes = magnify(noise, shape, fall.size).map((value) =>
    value < fall.threshold ? 0 : Math.min(1, value),
  );
  const blurred = blurAlongLine(flakes, shape, { ...fall.motion, angle });
  return blurred.map((value) => Math.round(value * 255) / 255);
}

/** Mixes the picture with one that is at least as bright as 1.5 · grey + 0.5. */
function whiten(image: RgbImage, colour: number): Float32Array {
  const values = toUnitFloat32(image);
  const out = new Float32Array(values.length);
  const [own, white] = [Math.fround(colour), Math.fround(1 - colour)];
  for (let i = 0; i < values.length; i += 3) {
    const grey = Math.fround(0.299 * values[i]! + 0.587 * values[i + 1]! + 0.114 * values[i + 2]!);
    const bright = Math.fround(Math.fround(grey * 1.5) + 0.5);
    for (let c = i; c < i + 3; c++) {
      const value = values[c]!;
      out[c] = Math.fround(own * value) + Math.fround(white * Math.max(value, bright));
    }
  }
  return out;
}
