import type { RgbImage } from '../../images/rgb-image.js';
import type { Random } from '../../random.js';
import { boxBlur, convolve3x3, equaliseHistogram } from './byte-filters.js';
import { cannyEdges } from './canny-edges.js';
import { atSeverity, type BySeverity, type Corruption, type Severity } from './corruption.js';
import { distanceToMarks } from './distance-to-marks.js';
import { gaussianFilter } from './gaussian-filter.js';
import { drawNormals, fromUnit, fromUnitFloat32, planeShape, toUnitFloat32 } from './pixels.js';

interface Spatter {
  readonly liquid: 'water' | 'mud';
  /** Mean and standard deviation of the noise that drops are made of. */
  readonly mean: number;
  readonly deviation: number;
  /** Standard deviation, in pixels, of its blur: the drops' size. */
  readonly size: number;
  /** Blurred noise below it is dry. */
  readonly threshold: number;
  /** Water: opacity of the thickest drop. Mud: standard deviation, in pixels, of the stains' blur. */
  readonly spread: number;
}

const SPATTERS: BySeverity<Spatter> = [
  { liquid: 'water', mean: 0.65, deviation: 0.3, size: 4, threshold: 0.69, spread: 0.6 },
  { liquid: 'water', mean: 0.65, deviation: 0.3, size: 3, threshold: 0.68, spread: 0.6 },
  { liquid: 'water', mean: 0.65, deviation: 0.3, size: 2, threshold: 0.68, spread: 0.5 },
  { liquid: 'mud', mean: 0.65, deviation: 0.3, size: 1, threshold: 0.65, spread: 1.5 },
  { liquid: 'mud', mean: 0.67, deviation: 0.4, size: 1, threshold: 0.65, spread: 1.5 },
];

/** Pale turquoise. */
const WATER = [175, 238, 238] as const;
/** Brown. */
const MUD = [63, 42, 20] as const;
/** Blurred stains below it are clean. */
const LEAST_STAIN = 0.8;
/** Brightens one side of a drop and darkens the other. */
const RELIEF = [-2, -1, 0, -1, 1, 1, 0, 1, 2];
/** Pixels from a drop's edge where its thickness no longer grows. */
const THICKEST = 20;

/** Drops of water (the three mildest) or stains of mud on the lens. */
export const spatter: Corruption = (image, severity, random) =>
  addSpatter(image, severity, drawSpatter(image, random));

/** A standard normal deviate for each pixel. */
export function drawSpatter({ width, height }: RgbImage, random: Random): Float32Array {
  return drawNormals(random, width * height);
}

export function addSpatter(image: RgbImage, severity: Severity, normals: Float32Array): RgbImage {
  const spatter = atSeverity(SPATTERS, severity);
  const { mean, deviation, size, threshold } = spatter;
  const noise = Float64Array.from(normals, (value) => mean + deviation * value);
  const smooth = gaussianFilter(noise, planeShape(image), {
    sigma: [size, size],
    border: 'nearest',
    truncate: 4,
  });
  const liquid = smooth.map((value) => (value < threshold ? 0 : value));
  return spatter.liquid === 'water'
    ? addWater(image, liquid, spatter.spread)
    : addMud(image, liquid, spatter);
}

/** A picture on which no drop fell stays as it is. */
function addWater(image: RgbImage, liquid: Float64Array, opacity: number): RgbImage {
  const drops = Uint8Array.from(liquid, (value) => value * 255);
  const relief = dropRelief(image, drops);
  const thickness = Float32Array.from(drops, (value, i) => value * relief[i]!);
  const thickest = thickness.reduce((a, b) => Math.max(a, b));
  if (thickest === 0) return image;
  const values = toUnitFloat32(image);
  const share = Math.fround(opacity);
  return fromUnitFloat32(
    image,
    values.map((value, i) => {
      const cover = Math.fround(Math.fround(thickness[Math.floor(i / 3)]! / thickest) * share);
      return value + Math.fround(cover * Math.fround(WATER[i % 3]! / 255));
    }),
  );
}

/** How much light each place of the drops reflects, 0 to 255. */
function dropRelief(image: RgbImage, drops: Uint8Array): Uint8Array {
  const shape = planeShape(image);
  const distance = distanceToMarks(cannyEdges(drops, shape, 50, 150), shape);
  const near = distance.map((value) => Math.min(THICKEST, value));
  const levels = equaliseHistogram(Uint8Array.from(boxBlur(near, shape)));
  const relief = convolve3x3(levels, shape, RELIEF);
  return Uint8Array.from(boxBlur(Float32Array.from(relief), shape), Math.round);
}

function addMud(image: RgbImage, liquid: Float64Array, { threshold, spread }: Spatter): RgbImage {
  const wet = Float32Array.from(liquid, (value) => (value > threshold ? 1 : 0));
  const stains = gaussianFilter(wet, planeShape(image), {
    sigma: [spread, spread],
    border: 'nearest',
    truncate: 4,
  }).map((value) => (value < LEAST_STAIN ? 0 : value));
  const values = Float64Array.from(toUnitFloat32(image), (value, i) => {
    const stain = stains[Math.floor(i / 3)]!;
    return Math.fround(value * Math.fround(1 - stain)) + (MUD[i % 3]! / 255) * stain;
  });
  return fromUnit(image, values);
}
