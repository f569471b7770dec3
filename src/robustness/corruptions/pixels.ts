/** 8-bit pictures as numbers and back, and the random fields that the kinds share. */
import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';

/** Rows from top to bottom, channels interleaved: [height, width, channels]. */
export interface Shape {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

export const rgbShape = ({ width, height }: RgbImage): Shape => ({ width, height, channels: 3 });
export const planeShape = ({ width, height }: RgbImage): Shape => ({ width, height, channels: 1 });

/** Values in 0 to 1. */
export function toUnit({ data }: RgbImage): Float64Array {
  return Float64Array.from(data, (value) => value / 255);
}

/** Values in 0 to 1 in single precision. */
export function toUnitFloat32({ data }: RgbImage): Float32Array {
  return Float32Array.from(data, (value) => value / 255);
}

/** A picture from values in 0 to 1; others are clipped, fractions of a level cut off. */
export function fromUnit(
  { width, height }: { width: number; height: number },
  values: Float64Array,
): RgbImage {
  const data = new Uint8Array(values.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.trunc(Math.min(1, Math.max(0, values[i]!)) * 255);
  }
  return { width, height, data };
}

/** A picture from values in 0 to 1 that were computed in single precision, as `fromUnit`. */
export function fromUnitFloat32(
  { width, height }: { width: number; height: number },
  values: Float32Array,
): RgbImage {
  const data = new Uint8Array(values.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.trunc(Math.fround(Math.min(1, Math.max(0, values[i]!)) * 255));
  }
  return { width, height, data };
}

/** Standard normal deviates. */
export function drawNormals(random: Random, count: number): Float32Array {
  return random.fillNormal(new Float32Array(count));
}

/** Uniform in [0, 1). */
export function drawUniforms(random: Random, count: number): Float64Array {
  const field = new Float64Array(count);
  for (let i = 0; i < count; i++) field[i] = random.uniform();
  return field;
}
