/** A painted region: one weight from 0 to 1 for each position of a map, row by row. */

export interface Grid {
  readonly height: number;
  readonly width: number;
}

/** Shares of the picture from its top left corner, 0 to 1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Brush {
  /** Share of the picture's side. */
  readonly radius: number;
  readonly erase: boolean;
}

/** Steps between 0 and 1: what one hexadecimal digit holds. */
const LEVELS = 15;

export const emptyRegion = ({ height, width }: Grid): number[] =>
  new Array<number>(height * width).fill(0);

export const isEmpty = (weights: readonly number[]): boolean =>
  weights.every((weight) => weight === 0);

export const invertRegion = (weights: readonly number[]): number[] =>
  weights.map((weight) => (LEVELS - Math.round(weight * LEVELS)) / LEVELS);

/**
 * Paints along the line between two points. Positions whose centre is under the brush are covered fully,
 * those within half a position of its edge in part. Erasing takes the same share away.
 */
export function paintStroke(
  weights: readonly number[],
  { height, width }: Grid,
  from: Point,
  to: Point,
  { radius, erase }: Brush,
): number[] {
  return weights.map((weight, i) => {
    const centre = { x: ((i % width) + 0.5) / width, y: (Math.floor(i / width) + 0.5) / height };
    const softness = 0.5 / Math.max(height, width);
    const depth = (radius + softness - distanceToSegment(centre, from, to)) / (2 * softness);
    const cover = Math.min(1, Math.max(0, depth));
    const painted = erase ? Math.min(weight, 1 - cover) : Math.max(weight, cover);
    return Math.round(painted * LEVELS) / LEVELS;
  });
}

/** The position under a point, as [row, column]. */
export function positionAt({ x, y }: Point, { height, width }: Grid): [number, number] {
  const place = (share: number, count: number): number =>
    Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  return [place(y, height), place(x, width)];
}

/** One hexadecimal digit for each position. */
export const writeRegion = (weights: readonly number[]): string =>
  weights.map((weight) => Math.round(weight * LEVELS).toString(16)).join('');

/** Undefined for text that is no region of this grid. */
export function readRegion(text: string, { height, width }: Grid): number[] | undefined {
  if (text.length !== height * width || !/^[0-9a-f]*$/.test(text)) return undefined;
  return [...text].map((digit) => parseInt(digit, 16) / LEVELS);
}

function distanceToSegment(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / length;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(point.x - from.x - t * dx, point.y - from.y - t * dy);
}
