import type { RgbImage } from '../../images/rgb-image.js';
import { fromUnit, toUnit } from './pixels.js';

/** Three values in 0 to 1: hue, saturation, value or red, green, blue. */
export type Triple = readonly [number, number, number];

/** Changes each pixel in the hexagonal model of hue, saturation and value (Smith, "Color gamut transform pairs", 1978). */
export function changeHsv(image: RgbImage, change: (hsv: Triple) => Triple): RgbImage {
  const values = toUnit(image);
  for (let i = 0; i < values.length; i += 3) {
    const hsv = rgbToHsv([values[i]!, values[i + 1]!, values[i + 2]!]);
    values.set(hsvToRgb(change(hsv)), i);
  }
  return fromUnit(image, values);
}

export function rgbToHsv([r, g, b]: Triple): Triple {
  const value = Math.max(r, g, b);
  const range = value - Math.min(r, g, b);
  if (range === 0) return [0, 0, value];
  const sixths =
    b === value ? 4 + (r - g) / range : g === value ? 2 + (b - r) / range : (g - b) / range;
  const hue = sixths / 6;
  return [hue < 0 ? hue + 1 : hue, range / value, value];
}

export function hsvToRgb([hue, saturation, value]: Triple): Triple {
  const sector = Math.floor(hue * 6);
  const within = hue * 6 - sector;
  const low = value * (1 - saturation);
  const falling = value * (1 - within * saturation);
  const rising = value * (1 - (1 - within) * saturation);
  switch (sector % 6) {
    case 0:
      return [value, rising, low];
    case 1:
      return [falling, value, low];
    case 2:
      return [low, value, rising];
    case 3:
      return [low, falling, value];
    case 4:
      return [rising, low, value];
    default:
      return [value, low, falling];
  }
}
