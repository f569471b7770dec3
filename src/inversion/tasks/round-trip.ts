/** How well an autoencoder copies held-out pictures: the same for every task that trains one. */
import { imageGrid } from '../../images/grid.js';
import type { RgbImage } from '../../images/rgb-image.js';
import type { ValidationResult } from '../../training/task.js';
import { fromBatch, toBatch } from '../planar.js';

/** Pictures in the grid: originals above, copies below. */
const SHOWN = 16;

/** Compares pictures with their copies [N, 3, S, S] in [-1, 1]. */
export function judgeRoundTrip(
  originals: readonly RgbImage[],
  copies: Float32Array,
): ValidationResult {
  const shown = originals.slice(0, SHOWN);
  const decoded = shown.map((image, i) => fromBatch(copies, i, image.width));
  return {
    metrics: { psnr: meanPsnr(toBatch(originals), copies, originals.length) },
    grids: { reconstructions: imageGrid([...shown, ...decoded], shown.length) },
  };
}

/** Mean over images of the peak signal-to-noise ratio in dB; values in [-1, 1]. */
function meanPsnr(a: Float32Array, b: Float32Array, count: number): number {
  const stride = a.length / count;
  let total = 0;
  for (let i = 0; i < count; i++) {
    let squares = 0;
    for (let j = i * stride; j < (i + 1) * stride; j++) {
      squares += (Math.min(1, Math.max(-1, b[j]!)) - a[j]!) ** 2;
    }
    total += 10 * Math.log10(4 / (squares / stride));
  }
  return total / count;
}
