/** Rectangles that are drawn, moved and resized on a picture, in shares of its side from 0 to 1. */
import type { Rectangle } from '../../../src/server/api.js';
import type { Point } from './region-weights.js';

/** Smaller ones would not hold a position of any map. */
export const LEAST_SIDE = 0.05;

export const middleRectangle: Rectangle = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };

/** Between two opposite corners, within the picture and no smaller than `LEAST_SIDE`. */
export function rectangleBetween(a: Point, b: Point): Rectangle {
  const [left, width] = span(a.x, b.x);
  const [top, height] = span(a.y, b.y);
  return { x: left, y: top, width, height };
}

function span(a: number, b: number): [start: number, length: number] {
  const [low, high] = [clamp(Math.min(a, b), 0, 1), clamp(Math.max(a, b), 0, 1)];
  const length = Math.max(LEAST_SIDE, high - low);
  return [round(Math.min(low, 1 - length)), round(length)];
}

/** Moved as far as the picture's edges let it. */
export function moveRectangle(rectangle: Rectangle, dx: number, dy: number): Rectangle {
  const { x, y, width, height } = rectangle;
  return {
    ...rectangle,
    x: round(clamp(x + dx, 0, 1 - width)),
    y: round(clamp(y + dy, 0, 1 - height)),
  };
}

/** With its lower right corner moved. */
export function resizeRectangle(rectangle: Rectangle, dx: number, dy: number): Rectangle {
  const { x, y, width, height } = rectangle;
  return {
    ...rectangle,
    width: round(clamp(width + dx, LEAST_SIDE, 1 - x)),
    height: round(clamp(height + dy, LEAST_SIDE, 1 - y)),
  };
}

export function holds({ x, y, width, height }: Rectangle, point: Point): boolean {
  return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
}

export const writeRectangle = ({ x, y, width, height }: Rectangle): string =>
  [x, y, width, height].join(',');

/** Undefined for text that is no rectangle within a picture. */
export function readRectangle(text: string): Rectangle | undefined {
  const parts = text.split(',');
  const values = parts.map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (values.length !== 4 || !values.every((value) => value >= 0 && value <= 1)) return undefined;
  const [x, y, width, height] = values as [number, number, number, number];
  const fits = width > 0 && height > 0 && x + width <= 1 + 1e-9 && y + height <= 1 + 1e-9;
  return fits ? { x, y, width, height } : undefined;
}

const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));

/** Addresses stay short; a thousandth is less than a pixel of what is drawn. */
const round = (value: number): number => Math.round(value * 1000) / 1000;
