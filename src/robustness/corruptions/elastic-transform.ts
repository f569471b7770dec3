import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';
import { atSeverity, type BySeverity, type Corruption, type Severity } from './corruption.js';
import { borderIndex, gaussianFilter } from './gaussian-filter.js';
import { drawUniforms, fromUnitFloat32, planeShape, toUnitFloat32 } from './pixels.js';

/** What the smoothed displacements are multiplied by. */
const STRENGTHS: BySeverity<number> = [250 * 0.05, 250 * 0.065, 250 * 0.085, 250 * 0.1, 250 * 0.12];
/** Largest displacement before smoothing, as a share of the height, in both directions. */
const LARGEST = 0.005;
/** Standard deviation of the smoothing, as a share of each side. */
const SMOOTHNESS = 0.01;

/** Uniform numbers 0 to 1 for each pixel, from which its displacement across and down is made. */
export interface ElasticField {
  readonly across: Float64Array;
  readonly down: Float64Array;
}

/** Stretches small regions (Simard, Steinkraus and Platt, 2003). */
export const elasticTransform: Corruption = (image, severity, random) =>
  warp(image, severity, drawElasticField(image, random));

export function drawElasticField({ width, height }: RgbImage, random: Random): ElasticField {
  const across = drawUniforms(random, width * height);
  return { across, down: drawUniforms(random, width * height) };
}

export function warp(image: RgbImage, severity: Severity, field: ElasticField): RgbImage {
  const { width, height } = image;
  const values = toUnitFloat32(image);
  const across = displacements(image, severity, field.across);
  const down = displacements(image, severity, field.down);
  const out = new Float32Array(values.length);
  for (let i = 0; i < across.length; i++) {
    const py = Math.floor(i / width) + down[i]!;
    const px = (i % width) + across[i]!;
    const [top, left] = [Math.floor(py), Math.floor(px)];
    const [sy, sx] = [py - top, px - left];
    const rows = [borderIndex(top, height, 'mirror'), borderIndex(top + 1, height, 'mirror')];
    const columns = [borderIndex(left, width, 'mirror'), borderIndex(left + 1, width, 'mirror')];
    for (let c = 0; c < 3; c++) {
      const at = (row: number, column: number): number =>
        values[(rows[row]! * width + columns[column]!) * 3 + c]!;
      out[i * 3 + c] =
        at(0, 0) * (1 - sy) * (1 - sx) +
        at(0, 1) * (1 - sy) * sx +
        at(1, 0) * sy * (1 - sx) +
        at(1, 1) * sy * sx;
    }
  }
  return fromUnitFloat32(image, out);
}

/** Pixels, smooth over the picture. */
function displacements(image: RgbImage, severity: Severity, uniforms: Float64Array): Float32Array {
  const largest = image.height * LARGEST;
  const rough = uniforms.map((value) => -largest + 2 * largest * value);
  const smooth = gaussianFilter(rough, planeShape(image), {
    sigma: [image.height * SMOOTHNESS, image.width * SMOOTHNESS],
    border: 'mirror',
    truncate: 3,
  });
  const strength = atSeverity(STRENGTHS, severity);
  return Float32Array.from(smooth, (value) => value * strength);
}
