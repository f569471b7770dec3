import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  holds,
  LEAST_SIDE,
  middleRectangle,
  moveRectangle,
  readRectangle,
  rectangleBetween,
  resizeRectangle,
  writeRectangle,
} from '../../studio/src/state/rectangle.js';
import {
  emptyRegion,
  invertRegion,
  isEmpty,
  paintStroke,
  positionAt,
  readRegion,
  writeRegion,
} from '../../studio/src/state/region-weights.js';

const grid = { height: 2, width: 4 };
const pen = { radius: 0.05, erase: false };

describe('a painted region', () => {
  it('holds the positions under the brush', () => {
    // Centres of the lower row are at y = 0.75, x = 0.125, 0.375, 0.625 and 0.875.
    const dot = paintStroke(emptyRegion(grid), grid, { x: 0.4, y: 0.74 }, { x: 0.4, y: 0.74 }, pen);
    expect(dot.map((weight) => weight > 0)).toEqual([
      ...[false, false, false, false],
      ...[false, true, false, false],
    ]);
    const from = { x: 0.375, y: 0.75 };
    const line = paintStroke(emptyRegion(grid), grid, from, { x: 0.9, y: 0.75 }, pen);
    expect(line.map((weight) => weight > 0)).toEqual([
      ...[false, false, false, false],
      ...[false, true, true, true],
    ]);
  });

  it('is full in the middle of the brush and fades at its edge', () => {
    const wide = { height: 1, width: 10 };
    const middle = { x: 0.5, y: 0.5 };
    // Centres are 0.05 from the middle, then 0.15, 0.25 …: the edge lies at 0.2 ± 0.05.
    const soft = paintStroke(emptyRegion(wide), wide, middle, middle, { ...pen, radius: 0.22 });
    const half = soft.slice(5);
    expect(half[0]).toBe(1);
    expect(half[1]).toBe(1);
    expect(half[2]).toBeCloseTo(0.2, 5);
    expect(half.slice(3)).toEqual([0, 0]);
  });

  it('is erased where it was painted', () => {
    const centre = { x: 0.375, y: 0.75 };
    const all = invertRegion(emptyRegion(grid));
    const hole = paintStroke(all, grid, centre, centre, { ...pen, radius: 0.2, erase: true });
    expect(hole[5]).toBe(0);
    expect(hole[3]).toBe(1);
    const painted = paintStroke(emptyRegion(grid), grid, centre, centre, { ...pen, radius: 0.4 });
    const gone = paintStroke(painted, grid, centre, centre, { radius: 2, erase: true });
    expect([isEmpty(painted), isEmpty(gone)]).toEqual([false, true]);
  });

  it('survives the address and its own inverse', () => {
    const levels = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(levels, (digits) => {
        const weights = digits.map((digit) => digit / 15);
        expect(readRegion(writeRegion(weights), grid)).toEqual(weights);
        expect(invertRegion(invertRegion(weights))).toEqual(weights);
      }),
    );
    expect(writeRegion([0, 0.5, 1])).toBe('08f');
    expect(readRegion('0f', grid)).toBeUndefined();
    expect(readRegion('0000000g', grid)).toBeUndefined();
  });

  it('has a position under every point, those at the edge and beyond included', () => {
    expect(positionAt({ x: 0.3, y: 0.6 }, grid)).toEqual([1, 1]);
    expect(positionAt({ x: 1, y: 1.2 }, grid)).toEqual([1, 3]);
    expect(positionAt({ x: -0.1, y: 0 }, grid)).toEqual([0, 0]);
  });
});

const anywhere = fc.double({ min: -0.5, max: 1.5, noNaN: true });
const point = fc.record({ x: anywhere, y: anywhere });

describe('a rectangle on a picture', () => {
  it('stays within the picture and is never too small, however it is drawn, moved and resized', () => {
    fc.assert(
      fc.property(point, point, point, point, (a, b, move, grow) => {
        const drawn = rectangleBetween(a, b);
        const moved = moveRectangle(drawn, move.x, move.y);
        const resized = resizeRectangle(moved, grow.x, grow.y);
        for (const { x, y, width, height } of [drawn, moved, resized]) {
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(Math.min(width, height)).toBeGreaterThanOrEqual(LEAST_SIDE);
          expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(1 + 1e-9);
        }
        expect([moved.width, moved.height]).toEqual([drawn.width, drawn.height]);
        expect([resized.x, resized.y]).toEqual([moved.x, moved.y]);
        expect(readRectangle(writeRectangle(resized))).toEqual(resized);
      }),
    );
  });

  it('lies between two corners, whichever comes first', () => {
    const expected = { x: 0.2, y: 0.1, width: 0.5, height: 0.3 };
    expect(rectangleBetween({ x: 0.2, y: 0.4 }, { x: 0.7, y: 0.1 })).toEqual(expected);
    expect(rectangleBetween({ x: 0.7, y: 0.1 }, { x: 0.2, y: 0.4 })).toEqual(expected);
  });

  it('knows which points it holds', () => {
    expect(holds(middleRectangle, { x: 0.5, y: 0.75 })).toBe(true);
    expect(holds(middleRectangle, { x: 0.5, y: 0.8 })).toBe(false);
  });

  it('is not read from what is none', () => {
    for (const text of ['', '0,0,1', '0,0,0,1', '0.5,0,0.6,1', 'a,b,c,d', '0,0,1,1,1', ',,,']) {
      expect(readRectangle(text), text).toBeUndefined();
    }
  });
});
