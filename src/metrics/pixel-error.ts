import { InputError } from '../errors.js';

/** Mean squared error of two pictures' values, in their units squared. */
export function meanSquaredError(first: ArrayLike<number>, second: ArrayLike<number>): number {
  if (first.length !== second.length || first.length === 0) {
    throw new InputError(
      `pixel error: ${first.length} and ${second.length} values; give two pictures of one size`,
    );
  }
  let sum = 0;
  for (let i = 0; i < first.length; i++) sum += (first[i]! - second[i]!) ** 2;
  return sum / first.length;
}

/** Peak signal-to-noise ratio in dB; Infinity for equal pictures. `peak` is 255 for bytes. */
export function psnr(first: ArrayLike<number>, second: ArrayLike<number>, peak = 255): number {
  return 10 * Math.log10(peak ** 2 / meanSquaredError(first, second));
}
