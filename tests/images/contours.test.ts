import { describe, expect, it } from 'vitest';
import { contourSegments, type Segment } from '../../src/images/contours.js';

const length = (segments: readonly Segment[]): number =>
  segments.reduce((sum, [x0, y0, x1, y1]) => sum + Math.hypot(x1 - x0, y1 - y0), 0);

describe('contourSegments', () => {
  it('follows a circle', () => {
    const size = 64;
    const values = Float64Array.from({ length: size * size }, (_, i) =>
      Math.hypot((i % size) + 0.5 - 32, Math.floor(i / size) + 0.5 - 32),
    );
    const segments = contourSegments(values, size, size, 20);
    expect(length(segments)).toBeCloseTo(2 * Math.PI * 20, 0);
    for (const [x, y] of segments) expect(Math.hypot(x - 32, y - 32)).toBeCloseTo(20, 1);
  });

  it('runs to the edge of the picture', () => {
    // Values rise from left to right: 0, 1, 2; the level 0.5 is half-way between the first two columns.
    const segments = contourSegments([0, 1, 2, 0, 1, 2], 3, 2, 0.5);
    expect(length(segments)).toBeCloseTo(2);
    for (const [x0, , x1] of segments) expect([x0, x1]).toEqual([1, 1]);
  });

  it('closes around one high value, and draws nothing where none is crossed', () => {
    const segments = contourSegments([0, 0, 0, 0, 1, 0, 0, 0, 0], 3, 3, 0.5);
    expect(segments).toHaveLength(4);
    expect(length(segments)).toBeCloseTo(4 * Math.hypot(0.5, 0.5));
    expect(contourSegments([1, 1, 1, 1], 2, 2, 0.5)).toEqual([]);
  });

  it('keeps two high corners of a saddle together when the middle is high', () => {
    // The highs are at the top left and the bottom right; the middle is 0.5.
    const middles = (level: number): number[] =>
      contourSegments([1, 0, 0, 1], 2, 2, level)
        .filter((ends) => ends.every((place) => place >= 0.5 && place <= 1.5))
        .map(([x0, y0, x1, y1]) => (x0 + x1) / 2 - (y0 + y1) / 2);
    // Segments around the highs lie on the diagonal, segments around the lows beside it.
    expect(middles(0.6)).toHaveLength(2);
    for (const offset of middles(0.6)) expect(offset).toBeCloseTo(0);
    expect(middles(0.4)).toHaveLength(2);
    for (const offset of middles(0.4)) expect(Math.abs(offset)).toBeGreaterThan(0.5);
  });
});
