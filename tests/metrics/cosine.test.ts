import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { cosineMap, summariseCosines } from '../../src/metrics/index.js';

describe('cosineMap', () => {
  it('compares channels position by position', () => {
    // Position 0: (3, 4) and (4, 3), 24 / 25. Position 1: (1, 0) and (0, 2), orthogonal.
    // Position 2: (1, 2) and (-2, -4), opposite.
    const first = Float32Array.of(3, 1, 1, 4, 0, 2);
    const second = Float32Array.of(4, 0, -2, 3, 2, -4);
    const map = cosineMap(first, second, { channels: 2, height: 1, width: 3 });
    expect(map[0]).toBeCloseTo(0.96, 12);
    expect(map[1]).toBe(0);
    expect(map[2]).toBeCloseTo(-1, 12);
  });

  it('counts two empty positions as equal and an empty beside an active one as unlike', () => {
    const map = cosineMap(Float32Array.of(0, 0, 1), Float32Array.of(0, 5, 0), {
      channels: 1,
      height: 1,
      width: 3,
    });
    expect([...map]).toEqual([1, 0, 0]);
  });

  it('is exactly within [-1, 1] for equal maps', () => {
    const map = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i) * 1e-12);
    const cosines = cosineMap(map, map, { channels: 5, height: 3, width: 4 });
    expect(cosines).toHaveLength(12);
    cosines.forEach((value) => {
      expect(value).toBeCloseTo(1, 12);
      expect(value).toBeLessThanOrEqual(1);
    });
  });

  it('refuses maps of another size', () => {
    const shape = { channels: 2, height: 1, width: 2 };
    expect(() => cosineMap(new Float32Array(4), new Float32Array(3), shape)).toThrow(InputError);
    expect(() => cosineMap(new Float32Array(4), new Float32Array(3), shape)).toThrow(
      /4 and 3 values; a map of shape \[2, 1, 2\] has 4/,
    );
  });
});

describe('summariseCosines', () => {
  it('aggregates per image first, and quantiles over all positions', () => {
    const summary = summariseCosines([
      Float64Array.of(0.1, 0.2, 0.9),
      Float64Array.of(0.4, 0.5, 0.6),
    ]);
    expect(summary.mean).toBeCloseTo((0.4 + 0.5) / 2, 12);
    expect(summary.median).toBeCloseTo((0.2 + 0.5) / 2, 12);
    // Sorted: 0.1 0.2 ...; place 0.05 x 5 = 0.25.
    expect(summary.q05).toBeCloseTo(0.125, 12);
    expect(summary.min).toBe(0.1);
  });

  it('weighs images equally when they have different numbers of positions', () => {
    const { mean } = summariseCosines([Float64Array.of(1), Float64Array.of(0, 0, 0)]);
    expect(mean).toBe(0.5);
  });

  it('refuses nothing to summarise', () => {
    expect(() => summariseCosines([])).toThrow(/no positions/);
    expect(() => summariseCosines([new Float64Array(0)])).toThrow(/no positions/);
  });
});
