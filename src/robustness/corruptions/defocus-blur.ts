import { atSeverity, type BySeverity, type Corruption } from './corruption.js';
import { fromUnit, toUnit } from './pixels.js';

interface Disk {
  /** Pixels. */
  readonly radius: number;
  /** Standard deviation, in pixels, of the blur that softens the disk's edge. */
  readonly softness: number;
}

const DISKS: BySeverity<Disk> = [
  { radius: 3, softness: 0.1 },
  { radius: 4, softness: 0.5 },
  { radius: 6, softness: 0.5 },
  { radius: 8, softness: 0.5 },
  { radius: 10, softness: 0.5 },
];

interface Tap {
  readonly dy: number;
  readonly dx: number;
  readonly weight: number;
}

/** Spreads each point over a disk, as a lens out of focus does. */
export const defocusBlur: Corruption = (image, severity) => {
  const { width, height } = image;
  const taps = diskTaps(atSeverity(DISKS, severity));
  const values = toUnit(image);
  const blurred = new Float64Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [r, g, b] = [0, 0, 0];
      for (const { dy, dx, weight } of taps) {
        const at = (mirrored(y + dy, height) * width + mirrored(x + dx, width)) * 3;
        r += weight * values[at]!;
        g += weight * values[at + 1]!;
        b += weight * values[at + 2]!;
      }
      blurred.set([r, g, b], (y * width + x) * 3);
    }
  }
  return fromUnit(image, blurred);
};

/** The disk in a square of at least 17 pixels, softened within the square. */
function diskTaps({ radius, softness }: Disk): Tap[] {
  const reach = Math.max(8, radius);
  const side = 2 * reach + 1;
  const disk = new Float64Array(side * side);
  for (let i = 0; i < disk.length; i++) {
    const [dy, dx] = [Math.floor(i / side) - reach, (i % side) - reach];
    disk[i] = dx * dx + dy * dy <= radius * radius ? 1 : 0;
  }
  const area = disk.reduce((sum, value) => sum + value, 0);
  const softReach = radius <= 8 ? 1 : 2;
  const edge = Array.from({ length: 2 * softReach + 1 }, (_, i) =>
    Math.exp(-((i - softReach) ** 2) / (2 * softness * softness)),
  );
  const edgeSum = edge.reduce((sum, value) => sum + value, 0);
  const taps: Tap[] = [];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let weight = 0;
      for (let i = 0; i < edge.length; i++) {
        for (let j = 0; j < edge.length; j++) {
          const [py, px] = [mirrored(y + i - softReach, side), mirrored(x + j - softReach, side)];
          weight += edge[i]! * edge[j]! * disk[py * side + px]!;
        }
      }
      weight = Math.fround(weight / (area * edgeSum * edgeSum));
      if (weight > 0) taps.push({ dy: y - reach, dx: x - reach, weight });
    }
  }
  return taps;
}

/** Mirrored at the edge value itself, which is not repeated; up to one length beyond the edge. */
function mirrored(index: number, count: number): number {
  const within = Math.abs(index);
  return within < count ? within : 2 * (count - 1) - within;
}
