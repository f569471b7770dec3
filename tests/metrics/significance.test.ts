import { describe, expect, it } from 'vitest';

import { benjaminiHochberg } from '../../src/metrics/benjamini-hochberg.js';
import { studentTwoSided } from '../../src/metrics/student-t.js';

describe('studentTwoSided', () => {
  // scipy 1.x: 2 * scipy.stats.t.sf(abs(t), degrees)
  it.each([
    [0.3, 1, 0.8144528418445154],
    [12.706, 1, 0.05000080235813319],
    [2, 2, 0.18350341907227397],
    [2.5, 7, 0.04099221858575289],
    [-4.1, 7, 0.004573040177139946],
    [1, 30, 0.3253086154260302],
    [8, 15, 8.610930382707626e-7],
    [3.3, 6, 0.016407875872937232],
  ])('of t = %d with %d degrees of freedom is %d', (t, degrees, expected) => {
    expect(Math.abs(studentTwoSided(t, degrees) - expected)).toBeLessThan(1e-14);
  });

  it('is 1 at 0, falls to 0, and has closed forms for one and two degrees', () => {
    for (const degrees of [1, 2, 3, 4, 9, 50]) expect(studentTwoSided(0, degrees)).toBe(1);
    expect(studentTwoSided(Infinity, 4)).toBeLessThan(1e-15);
    for (const t of [0.1, 1, 7]) {
      expect(studentTwoSided(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 14);
      expect(studentTwoSided(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 14);
    }
  });

  it('refuses what is no number of degrees and no statistic', () => {
    expect(() => studentTwoSided(1, 0)).toThrow('0 degrees of freedom');
    expect(() => studentTwoSided(1, 1.5)).toThrow('1.5 degrees of freedom');
    expect(() => studentTwoSided(NaN, 3)).toThrow('not a number');
  });
});

describe('benjaminiHochberg', () => {
  it("rejects the first four of the authors' example", () => {
    // Section 3.2 of the paper: 15 hypotheses of a myocardial infarction study.
    const p = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719,
      0.6528, 0.759, 1,
    ];
    const flags = benjaminiHochberg(Float64Array.from(p), 0.05);
    expect([...flags]).toEqual(p.map((_, i) => (i < 4 ? 1 : 0)));
    const turned = benjaminiHochberg(Float64Array.from(p).reverse(), 0.05);
    expect([...turned].reverse()).toEqual([...flags]);
  });

  it('rejects a p value above its own threshold where a later one is below its', () => {
    expect([...benjaminiHochberg(Float64Array.of(0.04, 0.03, 0.05), 0.05)]).toEqual([1, 1, 1]);
    expect([...benjaminiHochberg(Float64Array.of(0.04, 0.03, 0.9), 0.05)]).toEqual([0, 0, 0]);
  });

  it('rejects nothing of nothing, and refuses a rate that is none', () => {
    expect([...benjaminiHochberg(new Float64Array(), 0.05)]).toEqual([]);
    expect(() => benjaminiHochberg(Float64Array.of(0.1), 1)).toThrow('between 0 and 1, got 1');
  });
});
