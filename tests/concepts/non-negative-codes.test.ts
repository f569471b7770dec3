import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { improveCodes, nonNegativeCodes } from '../../src/concepts/non-negative-codes.js';
import { dot, rowOf, timesTransposed, vectors, type Vectors } from '../../src/concepts/vectors.js';
import { noiseVectors } from './planted.js';

const rows = (...values: number[][]): Vectors => ({
  count: values.length,
  width: values[0]!.length,
  data: Float32Array.from(values.flat()),
});

describe('non-negative codes', () => {
  it('of orthogonal atoms are the clipped projections', () => {
    const atoms = rows([2, 0, 0], [0, 1, 0]);
    const codes = nonNegativeCodes(rows([4, -3, 7], [-2, 5, 1]), atoms);
    expect(Array.from(codes.data)).toEqual([2, 0, 0, 5]);
  });

  it('drop an atom that would need a negative weight, and fit the others again', () => {
    // Without the bound: 2 · (1, 0) − 1 · (1, 1). With it, the best is 1 · (1, 0) alone: slope −1 on the other.
    const codes = nonNegativeCodes(rows([1, -1]), rows([1, 0], [1, 1]));
    expect(Array.from(codes.data)).toEqual([1, 0]);
  });

  it('fulfil the conditions of Karush, Kuhn and Tucker', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer({ min: 0, max: 1e6 }),
          count: fc.integer({ min: 1, max: 6 }),
          atoms: fc.integer({ min: 1, max: 8 }),
          spare: fc.integer({ min: 0, max: 8 }),
          nonNegative: fc.boolean(),
        }),
        ({ seed, count, atoms: number, spare, nonNegative }) => {
          const channels = number + spare + 1;
          const v = noiseVectors(count, channels, seed);
          const atoms = noiseVectors(number, channels, seed + 1, nonNegative);
          const codes = nonNegativeCodes(v, atoms);
          for (let i = 0; i < count; i++) {
            const code = rowOf(codes, i);
            const residual = Float64Array.from(rowOf(v, i));
            code.forEach((weight, a) =>
              rowOf(atoms, a).forEach((value, c) => (residual[c]! -= weight * value)),
            );
            const scale = Math.sqrt(dot(rowOf(v, i), rowOf(v, i)));
            code.forEach((weight, a) => {
              const atom = rowOf(atoms, a);
              const slope = atom.reduce((sum, value, c) => sum + value * residual[c]!, 0);
              const relative = slope / (scale * Math.sqrt(dot(atom, atom)));
              expect(weight).toBeGreaterThanOrEqual(0);
              // No atom would lower the error by more weight, and one in use not by less either.
              expect(relative).toBeLessThan(1e-3);
              if (weight > 0) expect(relative).toBeGreaterThan(-1e-3);
            });
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are 0 for atoms without length and for vectors of 0', () => {
    const atoms = rows([0, 0], [3, 4]);
    expect(Array.from(nonNegativeCodes(rows([6, 8], [0, 0]), atoms).data)).toEqual([0, 2, 0, 0]);
  });
});

describe('descent without a bound', () => {
  it('solves the least-squares problem', () => {
    const atoms = noiseVectors(3, 9, 4);
    const weights = rows([0.5, -2, 1]);
    const gram = timesTransposed(atoms, atoms);
    const products = timesTransposed(weights, gram);
    const found = vectors(1, 3);
    improveCodes(found, products, gram, { sweeps: 300, nonNegative: false });
    found.data.forEach((value, a) => expect(value).toBeCloseTo(weights.data[a]!, 4));
  });
});
