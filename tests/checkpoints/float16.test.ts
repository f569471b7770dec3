import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBfloat16, fromFloat16, toFloat16 } from '../../src/checkpoints/float16.js';

const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

describe('float16', () => {
  it('keeps every float16 through float32 and back, NaN aside', () => {
    const values = fromFloat16(all);
    const back = toFloat16(values);
    const changed = all.filter((bits, i) => !Number.isNaN(values[i]) && back[i] !== bits);
    expect([...changed]).toEqual([]);
    expect(values.filter((value) => Number.isNaN(value)).length).toBe(2 * 1023);
  });

  // Values from IEEE 754-2019, binary16.
  it.each([
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x3555, 0.333251953125],
  ])('reads bits %i as %f', (bits, value) => {
    expect(fromFloat16(Uint16Array.of(bits))[0]).toBe(value);
  });

  it('rounds to the nearest float16, ties to even', () => {
    const finite = [...fromFloat16(all)].filter((value) => Number.isFinite(value));
    const sorted = Float64Array.from(finite).sort();
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const rounded = fromFloat16(toFloat16(Float32Array.of(value)))[0]!;
        let low = 0;
        let high = sorted.length - 1;
        while (high - low > 1) {
          const middle = (low + high) >> 1;
          if (sorted[middle]! <= value) low = middle;
          else high = middle;
        }
        const distance = Math.min(Math.abs(value - sorted[low]!), Math.abs(value - sorted[high]!));
        expect(Math.abs(value - rounded)).toBe(distance);
      }),
      { numRuns: 2000 },
    );
    const ties = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 3 * 2 ** -25, 65520);
    expect([...fromFloat16(toFloat16(ties))]).toEqual([1, 1 + 2 ** -9, 0, 2 ** -23, Infinity]);
  });

  it('keeps NaN', () => {
    expect(fromFloat16(toFloat16(Float32Array.of(NaN)))[0]).toBeNaN();
  });

  it('reads a view into a larger buffer', () => {
    const view = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    expect([...toFloat16(view)]).toEqual([0x3c00, 0x4000]);
  });
});

describe('bfloat16', () => {
  it('is the upper half of a float32', () => {
    const bits = Uint16Array.of(0x3f80, 0xc040, 0x7f80, 0x0000);
    expect([...fromBfloat16(bits)]).toEqual([1, -3, Infinity, 0]);
  });
});
