import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatValue,
  linearScale,
  logScale,
  nearestPoint,
  pathThrough,
  smoothed,
} from '../../studio/src/state/chart.js';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe('scales', () => {
  it('end at round numbers around the values', () => {
    expect(linearScale([0.12, 0.47], 4)).toMatchObject({
      from: 0.1,
      ticks: [0.1, 0.2, 0.3, 0.4, 0.5],
    });
    expect(linearScale([0, 150], 6).ticks).toEqual([0, 50, 100, 150]);
    expect(logScale([0.23, 0.6]).ticks).toEqual([0.2, 0.5, 1]);
    expect(logScale([3e-4, 20]).ticks).toEqual([0.001, 0.01, 0.1, 1, 10]);
  });

  it('hold all values and any number of equal ones', () => {
    fc.assert(
      fc.property(fc.array(finite, { maxLength: 20 }), (values) => {
        const scale = linearScale(values, 4);
        for (const value of values) {
          expect(scale.at(value)).toBeGreaterThanOrEqual(-1e-6);
          expect(scale.at(value)).toBeLessThanOrEqual(1 + 1e-6);
        }
        expect(scale.ticks.length).toBeGreaterThan(1);
        expect(scale.ticks.length).toBeLessThan(12);
      }),
    );
    expect(logScale([2, 2]).at(2)).toBeGreaterThan(0);
  });

  it('put the same ratio at the same distance on a logarithmic one', () => {
    const { at } = logScale([1, 100]);
    expect(at(10) - at(1)).toBeCloseTo(at(100) - at(10));
  });
});

describe('lines', () => {
  const points = [1, 3, 8].map((y, x) => ({ x, y }));

  it('are smoothed over neighbours, over fewer at the ends', () => {
    expect(smoothed(points, 1).map(({ y }) => y)).toEqual([2, 4, 5.5]);
    expect(smoothed(points, 0)).toEqual(points);
  });

  it('become paths', () => {
    expect(pathThrough(points)).toBe('M0.0 1.0L1.0 3.0L2.0 8.0');
    expect(pathThrough([])).toBe('');
  });

  it('are read at the nearest point', () => {
    expect(nearestPoint(points, 1.6)).toEqual({ x: 2, y: 8 });
    expect(nearestPoint([], 1)).toBeUndefined();
  });
});

describe('formatValue', () => {
  it.each([
    [0, '0'],
    [0.12345, '0.123'],
    [1234.5, '1230'],
    [2e-5, '2.0e-5'],
    [-0.5, '-0.5'],
  ])('shows %d as %s', (value, text) => expect(formatValue(value)).toBe(text));
});
