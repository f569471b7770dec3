import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { drawNumber } from '../../src/images/shard.js';
import { Random } from '../../src/random.js';

const drawn = (total: number, shard?: { index: number; count: number }): number[] => {
  const random = new Random('shards');
  return Array.from({ length: 200 }, () => drawNumber(random, total, shard));
};
const sorted = (numbers: number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);

describe('drawing from a shard', () => {
  it('draws every count-th number and no other; shards are disjoint and cover all', () => {
    const shards = [0, 1, 2].map((index) => sorted(drawn(10, { index, count: 3 })));
    expect(shards).toEqual([
      [0, 3, 6, 9],
      [1, 4, 7],
      [2, 5, 8],
    ]);
  });

  it('of the only shard is drawing from all', () => {
    expect(drawn(10, { index: 0, count: 1 })).toEqual(drawn(10));
    expect(sorted(drawn(10))).toHaveLength(10);
  });

  it('refuses more shards than pictures', () => {
    expect(() => drawn(2, { index: 2, count: 3 })).toThrow(
      new InputError('2 photographs cannot be shared among 3 workers: each needs one at least'),
    );
  });
});
