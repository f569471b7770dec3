import type { Shape } from './pixels.js';

/** tan 22.5° and tan 67.5° (that plus 2) in units of 2^-15, as the common implementations round them. */
const TAN_SHALLOW = 13573;
const TAN_ONE = 32768;

/**
 * Edges of an 8-bit plane as 1, all else 0 (Canny, "A computational approach to edge detection", 1986):
 * Sobel gradients with their strength as |dx| + |dy|, kept where the strength is the largest across the
 * edge, above `high` or linked to such a place by places above `low`.
 */
export function cannyEdges(
  values: Uint8Array,
  shape: Shape,
  low: number,
  high: number,
): Uint8Array {
  const { width, height } = shape;
  const { dx, dy } = sobel(values, shape);
  const strength = dx.map((value, i) => Math.abs(value) + Math.abs(dy[i]!));
  const at = (y: number, x: number): number =>
    y < 0 || y >= height || x < 0 || x >= width ? 0 : strength[y * width + x]!;
  const candidates = new Uint8Array(values.length);
  const strong: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (strength[i]! <= low || !isRidge(at, y, x, dx[i]!, dy[i]!)) continue;
      candidates[i] = 1;
      if (strength[i]! > high) strong.push(i);
    }
  }
  return linked(candidates, strong, shape);
}

/** Whether no neighbour across the edge is stronger; of equal ones in a row the first counts. */
function isRidge(
  at: (y: number, x: number) => number,
  y: number,
  x: number,
  dx: number,
  dy: number,
): boolean {
  const own = at(y, x);
  const across = Math.abs(dx) * TAN_SHALLOW;
  const down = Math.abs(dy) * TAN_ONE;
  if (down < across) return own > at(y, x - 1) && own >= at(y, x + 1);
  if (down > across + 2 * Math.abs(dx) * TAN_ONE) {
    return own > at(y - 1, x) && own >= at(y + 1, x);
  }
  const slant = dx < 0 !== dy < 0 ? -1 : 1;
  return own > at(y - 1, x - slant) && own > at(y + 1, x + slant);
}

/** The candidates that a chain of neighbouring candidates links to a strong one. */
function linked(candidates: Uint8Array, strong: number[], { width, height }: Shape): Uint8Array {
  const edges = new Uint8Array(candidates.length);
  const open = [...strong];
  for (const i of strong) edges[i] = 1;
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    const [y, x] = [Math.floor(i / width), i % width];
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        const neighbour = ny * width + nx;
        if (!candidates[neighbour] || edges[neighbour]) continue;
        edges[neighbour] = 1;
        open.push(neighbour);
      }
    }
  }
  return edges;
}

/** Derivatives with the edge value repeated beyond the edge. */
function sobel(values: Uint8Array, { width, height }: Shape): { dx: Int32Array; dy: Int32Array } {
  const dx = new Int32Array(values.length);
  const dy = new Int32Array(values.length);
  const clamp = (index: number, count: number): number => Math.min(count - 1, Math.max(0, index));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (i: number, j: number): number =>
        values[clamp(y + i, height) * width + clamp(x + j, width)]!;
      const i = y * width + x;
      dx[i] = at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1);
      dy[i] = at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1);
    }
  }
  return { dx, dy };
}
