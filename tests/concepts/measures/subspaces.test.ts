import { describe, expect, it } from 'vitest';

import { Span, inner } from '../../../src/concepts/measures/span.js';
import {
  principalAngles,
  subspaceSimilarity,
} from '../../../src/concepts/measures/subspace-similarity.js';
import { near, randomRows, rows } from './made-up.js';

const DEGREE = Math.PI / 180;

describe('spans', () => {
  it('have an orthonormal basis and ignore rows that lie inside', () => {
    const span = Span.of(rows([3, 0, 0], [1, 2, 0], [5, -7, 0], [0, 0, 0]));
    expect(span.dimension).toBe(2);
    const [first, second] = span.basis;
    expect([inner(first!, first!), inner(second!, second!), inner(first!, second!)]).toEqual([
      1,
      1,
      near(0, 12),
    ]);
  });

  it('have no more dimensions than channels', () => {
    expect(Span.of(randomRows(20, 6, 1)).dimension).toBe(6);
  });
});

describe('principal angles', () => {
  it('are those of planes turned by known angles', () => {
    const turned = (angle: number, length: number, from: number, to: number): number[] => {
      const row = [0, 0, 0, 0, 0];
      row[from] = length * Math.cos(angle * DEGREE);
      row[to] = length * Math.sin(angle * DEGREE);
      return row;
    };
    const plane = rows([2, 0, 0, 0, 0], [1, 1, 0, 0, 0]);
    const other = rows(turned(20, 3, 0, 2), turned(65, -1, 1, 3), [0, 0, 0, 0, 4]);
    const angles = principalAngles(plane, other);
    expect([...angles].map((angle) => angle / DEGREE)).toEqual([near(20, 4), near(65, 4)]);
    const mean = (Math.cos(20 * DEGREE) ** 2 + Math.cos(65 * DEGREE) ** 2) / 2;
    expect(subspaceSimilarity(plane, other)).toBeCloseTo(mean, 6);
    expect(subspaceSimilarity(other, plane)).toBeCloseTo(mean, 6);
  });

  it('are 0 within a larger span and 90 degrees to the orthogonal one', () => {
    const v = randomRows(3, 8, 2);
    expect(subspaceSimilarity(rows([...v.data.subarray(0, 8)]), v)).toBeCloseTo(1, 6);
    expect(principalAngles(rows([1, 0, 0]), rows([0, 1, 0], [0, 1, 1]))[0]).toBeCloseTo(
      Math.PI / 2,
      6,
    );
  });

  it('say what cannot be compared', () => {
    expect(() => subspaceSimilarity(rows([1, 0]), rows([1, 0, 0]))).toThrow(
      'subspaces of vectors of 2 and of 3 channels cannot be compared',
    );
    expect(() => principalAngles(rows([1, 0]), rows([0, 0]))).toThrow('rows are all 0');
  });
});
