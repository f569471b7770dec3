import type { Shape } from './pixels.js';

/** Lengths of a step to the side, diagonally and as a knight moves. */
const STEPS = { side: 1, diagonal: 1.4, knight: 2.1969 };
/** Distances are sums of multiples of 2^-16. */
const UNIT = 65536;
const UNREACHED = 2 ** 40;

/** Steps from neighbours that lie above or to the left: down, across, length. */
const EARLIER = (
  [
    [-2, -1, STEPS.knight],
    [-2, 1, STEPS.knight],
    [-1, -2, STEPS.knight],
    [-1, -1, STEPS.diagonal],
    [-1, 0, STEPS.side],
    [-1, 1, STEPS.diagonal],
    [-1, 2, STEPS.knight],
    [0, -1, STEPS.side],
  ] as const
).map(([dy, dx, length]) => ({ dy, dx, length: Math.round(length * UNIT) }));

/**
 * Pixels from each place to the nearest mark, by the chamfer metric with 5×5 neighbours (Borgefors,
 * "Distance transformations in digital images", 1986); very far where there are no marks.
 */
export function distanceToMarks(marks: Uint8Array, { width, height }: Shape): Float32Array {
  const distance = Float64Array.from(marks, (mark) => (mark ? 0 : UNREACHED));
  const relax = (y: number, x: number, sign: 1 | -1): void => {
    const at = y * width + x;
    for (const { dy, dx, length } of EARLIER) {
      const [ny, nx] = [y + sign * dy, x + sign * dx];
      if (ny < 0 || ny >= height || nx < 0 || nx >= width) continue;
      distance[at] = Math.min(distance[at]!, distance[ny * width + nx]! + length);
    }
  };
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) relax(y, x, 1);
  for (let y = height - 1; y >= 0; y--) for (let x = width - 1; x >= 0; x--) relax(y, x, -1);
  return Float32Array.from(distance, (value) => value / UNIT);
}
