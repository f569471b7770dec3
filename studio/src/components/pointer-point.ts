import type { PointerEvent } from 'react';
import type { Point } from '../state/region-weights.js';

/** Where a pointer is on the element that listens, in shares of its sides; outside, below 0 or above 1. */
export function pointerPoint({ clientX, clientY, currentTarget }: PointerEvent): Point {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  return { x: (clientX - left) / width, y: (clientY - top) / height };
}

/** How far an arrow key goes, in steps to the right and down; undefined for other keys. */
export function arrowOf(key: string): readonly [dx: number, dy: number] | undefined {
  switch (key) {
    case 'ArrowLeft':
      return [-1, 0];
    case 'ArrowRight':
      return [1, 0];
    case 'ArrowUp':
      return [0, -1];
    case 'ArrowDown':
      return [0, 1];
    default:
      return undefined;
  }
}
