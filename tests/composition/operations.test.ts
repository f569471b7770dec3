import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPOSITIONS, findComposition } from '../../src/composition/operations.js';
import type { FeatureMap } from '../../src/inversion/inverter.js';

const SHAPE = [3, 2, 2] as const;
const map = fc
  .array(fc.float({ min: -10, max: 10, noNaN: true }), { minLength: 12, maxLength: 12 })
  .map((values): FeatureMap => ({ shape: SHAPE, data: Float32Array.from(values) }));
const share = fc.float({ min: 0, max: 1, noNaN: true });

const compose = (name: string, maps: FeatureMap[], alpha: number, weights?: Float32Array) =>
  findComposition(name).compose({ maps, alpha, weights });
const column = ({ data }: FeatureMap, position: number): number[] => [
  data[position]!,
  data[4 + position]!,
  data[8 + position]!,
];
const close = (a: Float32Array, b: ArrayLike<number>): void =>
  a.forEach((value, i) => expect(value).toBeCloseTo(b[i]!, 4));

describe.each(COMPOSITIONS)('$name', ({ name, compose: composition }) => {
  it('gives the first map to the last bit at α = 0 and outside the region', () => {
    fc.assert(
      fc.property(map, map, map, share, (a, b, c, alpha) => {
        expect(compose(name, [a, b, c], 0).data).toEqual(a.data);
        const weights = Float32Array.of(0, 1, 0, 0);
        const changed = compose(name, [a, b, c], alpha, weights);
        for (const position of [0, 2, 3]) {
          expect(column(changed, position)).toEqual(column(a, position));
        }
        const whole = composition({ maps: [a, b, c], alpha });
        expect(column(changed, 1)).toEqual(column(whole, 1));
      }),
    );
  });
});

describe('lerp and slerp', () => {
  it.each(['lerp', 'slerp'])(
    '%s ends at the second map and is the same from both sides',
    (name) => {
      fc.assert(
        fc.property(map, map, share, (a, b, alpha) => {
          close(compose(name, [a, b], 1).data, b.data);
          close(compose(name, [a, b], alpha).data, compose(name, [b, a], 1 - alpha).data);
        }),
      );
    },
  );

  it('slerp changes lengths linearly where lerp cuts the corner', () => {
    const a = { shape: [2, 1, 1] as const, data: Float32Array.of(2, 0) };
    const b = { shape: [2, 1, 1] as const, data: Float32Array.of(0, 4) };
    const half = compose('slerp', [a, b], 0.5);
    close(half.data, [3 * Math.SQRT1_2, 3 * Math.SQRT1_2]);
    close(compose('lerp', [a, b], 0.5).data, [1, 2]);
  });

  it('slerp goes straight between opposite and from zero vectors', () => {
    const one = (x: number, y: number): FeatureMap => ({
      shape: [2, 1, 1],
      data: Float32Array.of(x, y),
    });
    close(compose('slerp', [one(1, 0), one(-1, 0)], 0.25).data, [0.5, 0]);
    close(compose('slerp', [one(0, 0), one(0, 2)], 0.5).data, [0, 1]);
  });
});

describe('the other operations', () => {
  it('have their closed forms', () => {
    fc.assert(
      fc.property(map, map, map, (a, b, c) => {
        close(
          compose('sum', [a, b], 0.5).data,
          a.data.map((x, i) => x + b.data[i]! / 2),
        );
        close(
          compose('max', [a, b], 1).data,
          a.data.map((x, i) => Math.max(x, b.data[i]!)),
        );
        close(
          compose('arithmetic', [a, b, c], 1).data,
          a.data.map((x, i) => x - b.data[i]! + c.data[i]!),
        );
      }),
    );
  });

  it('paste takes a share of the second map by the weight of each position', () => {
    const a = { shape: SHAPE, data: new Float32Array(12) };
    const b = { shape: SHAPE, data: new Float32Array(12).fill(8) };
    const pasted = compose('paste', [a, b], 1, Float32Array.of(0, 0.25, 0.5, 1));
    expect([0, 1, 2, 3].map((position) => column(pasted, position)[2])).toEqual([0, 2, 4, 8]);
  });

  it('suggests the nearest name', () => {
    expect(() => findComposition('slurp')).toThrow('did you mean "slerp"?');
  });
});
