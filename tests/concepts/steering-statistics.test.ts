import { describe, expect, it } from 'vitest';

import { steeringDifference } from '../../src/concepts/steering-statistics.js';
import type { RgbImage } from '../../src/images/rgb-image.js';
import { studentTwoSided } from '../../src/metrics/student-t.js';
import { Random } from '../../src/random.js';

const image = (...data: number[]): RgbImage => ({
  width: data.length / 3,
  height: 1,
  data: Uint8Array.from(data),
});

describe('steeringDifference', () => {
  it('is the paired t statistic of each channel, and three times the smallest p', () => {
    const unsteered = [image(10, 100, 200), image(90, 100, 200), image(50, 100, 200)];
    const steered = [image(12, 100, 199), image(94, 100, 204), image(59, 100, 197)];
    const { mean, meanAbsolute, significance } = steeringDifference(unsteered, steered);
    // Red differs by 2, 4, 9: mean 5, variance 13. Blue by -1, 4, -3: mean 0.
    expect([...mean]).toEqual([5, 0, 0]);
    expect(meanAbsolute).toBeCloseTo(5 / 3, 12);
    expect(significance!.t[0]).toBeCloseTo(5 / Math.sqrt(13 / 3), 12);
    expect([...significance!.t.subarray(1)]).toEqual([0, 0]);
    expect(significance!.p[0]).toBeCloseTo(3 * studentTwoSided(5 / Math.sqrt(13 / 3), 2), 12);
    expect(significance).toMatchObject({ significant: Uint8Array.of(0), share: 0 });
  });

  it('believes no variance below that of rounding', () => {
    const black = Array.from({ length: 6 }, () => image(0, 0, 0));
    const { significance } = steeringDifference(
      black,
      black.map(() => image(2, 0, 0)),
    );
    expect(significance!.t[0]).toBeCloseTo(2 / Math.sqrt(1 / 6 / 6), 12);
  });

  it('finds nothing between equal pictures', () => {
    const pictures = [image(1, 2, 3, 4, 5, 6), image(9, 8, 7, 6, 5, 4)];
    const { meanAbsolute, significance } = steeringDifference(pictures, pictures);
    expect(meanAbsolute).toBe(0);
    expect([...significance!.p]).toEqual([1, 1]);
    expect(significance!.share).toBe(0);
  });

  it('says nothing of significance with one seed', () => {
    const { mean, significance } = steeringDifference([image(1, 1, 1)], [image(4, 1, 0)]);
    expect([...mean]).toEqual([3, 0, -1]);
    expect(significance).toBeNull();
  });

  it('finds planted pixels among noise at the promised rate of false ones', () => {
    const random = new Random('planted');
    const pixels = 2000;
    const planted = 200;
    const noisy = (shift: number): RgbImage =>
      image(
        ...Array.from({ length: pixels * 3 }, (_, i) => {
          const level = 100 + 8 * random.normal() + (i < planted * 3 ? shift : 0);
          return Math.round(level);
        }),
      );
    const seeds = Array.from({ length: 8 });
    const { significance } = steeringDifference(
      seeds.map(() => noisy(0)),
      seeds.map(() => noisy(40)),
    );
    const found = significance!.significant;
    const hits = found.subarray(0, planted).reduce((sum, flag) => sum + flag, 0);
    const all = found.reduce((sum, flag) => sum + flag, 0);
    expect(hits / planted).toBeGreaterThan(0.9);
    expect((all - hits) / all).toBeLessThan(0.1);
  });

  it('refuses pictures that are no pairs', () => {
    const one = image(1, 2, 3);
    expect(() => steeringDifference([one], [one, one])).toThrow('one pair for each seed');
    expect(() => steeringDifference([one], [image(1, 2, 3, 4, 5, 6)])).toThrow('of one size');
    expect(() => steeringDifference([], [])).toThrow('no pictures to compare');
  });
});
