import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../src/errors.js';
import { Random } from '../src/random.js';

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const moment = (values: readonly number[], power: number) => mean(values.map((v) => v ** power));

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
  return covariance / Math.sqrt((moment(a, 2) - meanA ** 2) * (moment(b, 2) - meanB ** 2));
}

describe('the stream', () => {
  it("is xoshiro128**: the authors' C code gives these from the state 1, 2, 3, 4", () => {
    const random = Random.restore([1, 2, 3, 4, 0, 0, 0, 0, 0, 0]);
    expect(draw(10, () => random.bits())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ]);
  });

  it('stays as it is, since trained models and their pictures depend on it', () => {
    const random = new Random(7);
    expect(draw(4, () => random.bits())).toMatchInlineSnapshot(`
      [
        219171135,
        4209671347,
        4233168337,
        3304168016,
      ]
    `);
    expect(draw(3, () => random.uniform())).toMatchInlineSnapshot(`
      [
        0.26467881150763883,
        0.8348509013444544,
        0.24983787491980813,
      ]
    `);
    expect(draw(4, () => random.int(1000))).toMatchInlineSnapshot(`
      [
        146,
        712,
        980,
        577,
      ]
    `);
    expect(draw(3, () => random.normal().toFixed(10))).toMatchInlineSnapshot(`
      [
        "0.6159289207",
        "1.4902945945",
        "0.8301212848",
      ]
    `);
    expect(random.fork('noise').bits()).toBe(2621503695);
    expect(new Random('text').bits()).toBe(3126003063);
  });

  it('differs between seeds, between 7 and "7", and repeats for equal ones', () => {
    const first = (seed: number | string) => new Random(seed).bits();
    const seeds = [0, 1, 2, 7, '7', -7, 0.5, 2 ** 32, 2 ** 53, '', 'a', 'b', 'ab', 'ba', 'é'];
    expect(new Set(seeds.map(first)).size).toBe(seeds.length);
    expect(seeds.map(first)).toEqual(seeds.map(first));
  });

  it('refuses seeds that are no numbers', () => {
    for (const seed of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new Random(seed)).toThrow(
        new InputError(`seed: ${seed} is not a finite number`),
      );
    }
  });
});

describe('distributions', () => {
  const count = 100_000;

  it('uniform: in [0, 1), with the right mean, variance and no correlation of neighbours', () => {
    const random = new Random(1);
    const values = draw(count, () => random.uniform());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(Math.abs(mean(values) - 1 / 2)).toBeLessThan(0.004);
    expect(Math.abs(moment(values, 2) - 1 / 3)).toBeLessThan(0.004);
    expect(Math.abs(correlation(values.slice(1), values.slice(0, -1)))).toBeLessThan(0.015);
  });

  it('normal: the first four moments', () => {
    const random = new Random(2);
    const values = draw(count, () => random.normal());
    for (const [power, expected, tolerance] of [
      [1, 0, 0.015],
      [2, 1, 0.02],
      [3, 0, 0.05],
      [4, 3, 0.12],
    ] as const) {
      expect(Math.abs(moment(values, power) - expected)).toBeLessThan(tolerance);
    }
    const inside = values.filter((value) => Math.abs(value) < 1.96).length / count;
    expect(Math.abs(inside - 0.95)).toBeLessThan(0.004);
  });

  it('fillNormal: the deviates of normal, in the array that was given', () => {
    const out = new Float32Array(7);
    expect(new Random(3).fillNormal(out)).toBe(out);
    const random = new Random(3);
    expect([...out]).toEqual(draw(7, () => Math.fround(random.normal())));
  });

  it('int: every value equally often', () => {
    const random = new Random(4);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < count; i++) counts[random.int(10)]!++;
    const chiSquared = counts.reduce((sum, n) => sum + (n - count / 10) ** 2 / (count / 10), 0);
    // 99.9 % of the distribution with 9 degrees of freedom.
    expect(chiSquared).toBeLessThan(27.9);
  });

  it('int: whole numbers from 0 to n - 1', () => {
    const size = fc.integer({ min: 1, max: 2 ** 32 });
    const property = fc.property(fc.integer(), size, (seed, n) => {
      const value = new Random(seed).int(n);
      expect(Number.isInteger(value) && value >= 0 && value < n).toBe(true);
    });
    fc.assert(property, { seed: 7 });
    expect(new Random(1).int(1)).toBe(0);
  });

  it.each([0, -1, 1.5, 2 ** 32 + 1, Number.NaN])('int: refuses %d', (n) => {
    expect(() => new Random(1).int(n)).toThrow(
      new InputError(`Random.int: ${n} is not a whole number from 1 to 4294967296`),
    );
  });
});

describe('fork', () => {
  it('does not advance the stream and depends on seed and label only', () => {
    const random = new Random(7);
    const fresh = random.fork('a').state();
    const before = random.state();
    random.fork('b').bits();
    expect(random.state()).toEqual(before);
    random.normal();
    expect(random.fork('a').state()).toEqual(fresh);
    expect(new Random(8).fork('a').state()).not.toEqual(fresh);
    expect(random.fork('b').state()).not.toEqual(fresh);
    expect(random.fork('a').fork('b').state()).not.toEqual(random.fork('b').fork('a').state());
  });

  it('gives streams that have nothing to do with each other', () => {
    const random = new Random(9);
    const forks = [random, random.fork('1'), random.fork('2'), random.fork('1').fork('1')];
    const streams = forks.map((fork) => draw(20_000, () => fork.normal()));
    for (const [i, a] of streams.entries()) {
      for (const b of streams.slice(i + 1)) {
        expect(Math.abs(correlation(a, b))).toBeLessThan(0.03);
      }
    }
  });
});

describe('state and restore', () => {
  it('continue identically from any point, through JSON', () => {
    const calls = fc.array(fc.constantFrom('uniform', 'normal', 'bits'), { maxLength: 20 });
    const property = fc.property(fc.integer(), calls, (seed, before) => {
      const random = new Random(seed);
      for (const call of before) random[call]();
      const restored = Random.restore(JSON.parse(JSON.stringify(random.state())) as number[]);
      const expected = draw(5, () => random.normal());
      expect(draw(5, () => restored.normal())).toEqual(expected);
      expect(restored.fork('x').bits()).toBe(random.fork('x').bits());
      expect(restored.state()).toEqual(random.state());
    });
    fc.assert(property, { seed: 7 });
  });

  it.each([
    ['nothing', []],
    ['a number missing', [1, 2, 3, 4, 5, 6, 7, 8, 0]],
    ['a stream of zeros', [0, 0, 0, 0, 5, 6, 7, 8, 0, 0]],
    ['a negative word', [-1, 2, 3, 4, 5, 6, 7, 8, 0, 0]],
    ['a word of 33 bits', [2 ** 32, 2, 3, 4, 5, 6, 7, 8, 0, 0]],
    ['a fraction', [1.5, 2, 3, 4, 5, 6, 7, 8, 0, 0]],
    ['a wrong flag', [1, 2, 3, 4, 5, 6, 7, 8, 2, 0]],
    ['no number', [1, 2, 3, 4, 5, 6, 7, 8, 1, Number.NaN]],
  ])('refuse %s', (_, state) => {
    expect(() => Random.restore(state)).toThrow(
      new InputError('random state: expected the ten numbers that Random.state() returns'),
    );
  });
});
