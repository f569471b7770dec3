import { describe, expect, it } from 'vitest';
import {
  bootstrapInterval,
  gapClosed,
  matchesTop1,
  matchesTop5,
  mean,
  meanSquaredError,
  psnr,
  quantile,
  ssim,
  topIndices,
} from '../../src/metrics/index.js';
import { Random } from '../../src/random.js';
import { readFixtures } from './read-fixtures.js';
import { wavePicture, waves } from './waves.js';

const fixtures = readFixtures();

describe('quantile', () => {
  it("gives numpy's quantiles", () => {
    for (const [q, expected] of Object.entries(fixtures.quantiles)) {
      expect(quantile(waves(37, 2), Number(q))).toBeCloseTo(expected, 12);
    }
  });

  it('refuses nothing and quantiles out of range', () => {
    expect(() => quantile([], 0.5)).toThrow(/no values/);
    expect(() => quantile([1], 1.1)).toThrow(/not between 0 and 1/);
  });
});

describe('top matches', () => {
  const original = [0.1, 3, 0.2, 0.3, 0.4, 0.5, 0.6];

  it('orders classes, lower index first among equals', () => {
    expect(topIndices([1, 5, 5, 2], 3)).toEqual([1, 2, 3]);
    expect(topIndices([1, 2], 5)).toEqual([1, 0]);
  });

  it("finds the original's first class at the top or among the top five", () => {
    expect(matchesTop1(original, original)).toBe(true);
    const fifth = [6, 2, 5, 4, 3, 1, 0];
    expect(matchesTop1(original, fifth)).toBe(false);
    expect(matchesTop5(original, fifth)).toBe(true);
    const sixth = [6, 1, 5, 4, 3, 2, 0];
    expect(matchesTop5(original, sixth)).toBe(false);
  });
});

describe('pixel errors', () => {
  const [first, second] = [wavePicture(0.3, 24, 31), wavePicture(0.35, 24, 31)];

  it('computes the mean squared error and PSNR', () => {
    expect(meanSquaredError([0, 0], [3, 1])).toBe(5);
    expect(psnr(first.data, second.data)).toBeCloseTo(fixtures.psnr, 9);
    expect(psnr([1], [1])).toBe(Number.POSITIVE_INFINITY);
    expect(() => meanSquaredError([1], [1, 2])).toThrow(/two pictures of one size/);
  });

  it("gives scikit-image's SSIM", () => {
    expect(ssim(first, second)).toBeCloseTo(fixtures.ssim, 9);
    expect(ssim(first, first)).toBeCloseTo(1, 12);
  });

  it('refuses pictures of different or too small sizes', () => {
    expect(() => ssim(first, wavePicture(1, 24, 30))).toThrow(/31x24 and 30x24/);
    expect(() => ssim(wavePicture(1, 10, 64), wavePicture(1, 10, 64))).toThrow(/at least 11/);
  });
});

describe('bootstrapInterval', () => {
  const values = new Random(4).fillNormal(new Float32Array(200)).map((value) => 3 + 2 * value);
  const meanOf = (ids: Int32Array): number => mean(Array.from(ids, (i) => values[i]!));

  it('covers the mean with the width that normal theory gives', () => {
    const { low, high } = bootstrapInterval(200, meanOf, { random: new Random(1) });
    expect(low).toBeLessThan(mean(values));
    expect(high).toBeGreaterThan(mean(values));
    const expected = (2 * 1.96 * 2) / Math.sqrt(200);
    expect((high - low) / expected).toBeGreaterThan(0.85);
    expect((high - low) / expected).toBeLessThan(1.15);
  });

  it('gives the same interval for the same seed', () => {
    const interval = (seed: number): unknown =>
      bootstrapInterval(200, meanOf, { random: new Random(seed), resamples: 50 });
    expect(interval(1)).toEqual(interval(1));
    expect(interval(1)).not.toEqual(interval(2));
  });

  it('refuses no units and a senseless confidence', () => {
    const random = new Random(1);
    expect(() => bootstrapInterval(0, () => 0, { random })).toThrow(/at least one/);
    expect(() => bootstrapInterval(2, () => 0, { random, confidence: 1 })).toThrow(/confidence 1/);
  });
});

describe('gapClosed', () => {
  it('relates means of cosine, floor and ceiling', () => {
    const { value, low, high } = gapClosed(
      { cosine: [0.4, 0.6], floor: [0.2, 0.2], ceiling: [0.8, 1] },
      { random: new Random(1) },
    );
    // Means 0.5, 0.2 and 0.9: 0.3 / 0.7.
    expect(value).toBeCloseTo(3 / 7, 12);
    // Resamples hold the first image twice, (0.2 / 0.6), or the second, (0.4 / 0.8), at the ends.
    expect(low).toBeCloseTo(1 / 3, 12);
    expect(high).toBeCloseTo(0.5, 12);
  });

  it('refuses lists of different lengths', () => {
    expect(() =>
      gapClosed({ cosine: [1], floor: [1, 2], ceiling: [1] }, { random: new Random(1) }),
    ).toThrow(/one of each per image/);
  });
});
