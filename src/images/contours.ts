/** Lines of equal value on a grid. */

/** A line from one point to another, in units of the grid: the centre of value (0, 0) is at (0.5, 0.5). */
export type Segment = readonly [x0: number, y0: number, x1: number, y1: number];

/** Corners of a cell, clockwise from the top left, and the edges between each and the next. */
const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
] as const;

/**
 * The contour of `level` in values [height, width], as separate segments with the higher values on one
 * side (marching squares with linear interpolation). The grid is continued beyond its border with the
 * border's values, so that lines run to the edge of the picture.
 */
export function contourSegments(
  values: ArrayLike<number>,
  width: number,
  height: number,
  level: number,
): Segment[] {
  const at = (x: number, y: number): number => values[clamp(y, height) * width + clamp(x, width)]!;
  const segments: Segment[] = [];
  for (let y = -1; y < height; y++) {
    for (let x = -1; x < width; x++) {
      const corners = CORNERS.map(([dx, dy]) => at(x + dx, y + dy) - level);
      const crossings = CORNERS.flatMap(([dx, dy], i) => {
        const [a, b] = [corners[i]!, corners[(i + 1) % 4]!];
        if (a > 0 === b > 0) return [];
        const [ex, ey] = CORNERS[(i + 1) % 4]!;
        const t = a / (a - b);
        return [[x + dx + t * (ex - dx) + 0.5, y + dy + t * (ey - dy) + 0.5] as const];
      });
      // At a saddle four edges are crossed: the middle decides which corners belong together.
      const middle = corners.reduce((sum, value) => sum + value, 0);
      const turned = crossings.length === 4 && middle > 0 !== corners[0]! > 0 ? 1 : 0;
      for (let i = 0; i < crossings.length; i += 2) {
        const from = crossings[(i + turned) % crossings.length]!;
        const to = crossings[(i + 1 + turned) % crossings.length]!;
        segments.push([...within(from, width, height), ...within(to, width, height)]);
      }
    }
  }
  return segments.filter(([x0, y0, x1, y1]) => x0 !== x1 || y0 !== y1);
}

const clamp = (i: number, size: number): number => Math.min(size - 1, Math.max(0, i));

function within(
  [x, y]: readonly [number, number],
  width: number,
  height: number,
): [number, number] {
  return [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))];
}
