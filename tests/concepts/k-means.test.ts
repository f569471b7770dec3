import { describe, expect, it } from 'vitest';
import { kMeans } from '../../src/concepts/k-means.js';
import { vectors, type Vectors } from '../../src/concepts/vectors.js';
import { symmetricEigen } from '../../src/metrics/symmetric-eigen.js';
import { Random } from '../../src/random.js';

const CENTRES = [
  [0, 0, 5],
  [5, 0, 0],
  [0, 5, 0],
];

function clouds(perCentre: number): Vectors {
  const random = new Random('clouds');
  const v = vectors(3 * perCentre, 3);
  for (let i = 0; i < v.count; i++) {
    CENTRES[i % 3]!.forEach((x, c) => (v.data[i * 3 + c] = x + 0.2 * random.normal()));
  }
  return v;
}

const options = (seed: number) => ({ restarts: 3, iterations: 50, random: new Random(seed) });

describe('kMeans', () => {
  it('finds separate clouds from every seed', () => {
    const v = clouds(40);
    for (let seed = 0; seed < 10; seed++) {
      const { assignment, centroids, inertia } = kMeans(v, 3, options(seed));
      for (let i = 0; i < v.count; i++) expect(assignment[i]).toBe(assignment[i % 3]);
      expect(new Set(assignment.subarray(0, 3)).size).toBe(3);
      expect(inertia / v.count).toBeCloseTo(3 * 0.04, 1);
      const first = [...centroids.data.subarray(assignment[0]! * 3, assignment[0]! * 3 + 3)];
      first.forEach((value, c) => expect(value).toBeCloseTo(CENTRES[0]![c]!, 0));
    }
  });

  it('gives the same clusters for the same seed', () => {
    expect(kMeans(clouds(20), 5, options(1))).toEqual(kMeans(clouds(20), 5, options(1)));
  });

  it('gives each vector its own cluster, and takes equal vectors', () => {
    expect(kMeans(clouds(2), 6, options(0)).inertia).toBeCloseTo(0, 8);
    const equal = vectors(4, 2);
    expect(kMeans(equal, 3, options(0)).inertia).toBe(0);
    expect(() => kMeans(equal, 5, options(0))).toThrow('4 vectors cannot form 5 clusters');
  });
});

describe('symmetricEigen', () => {
  it('takes a matrix apart and puts it together again', () => {
    const n = 6;
    const random = new Random('symmetric');
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = random.normal();
    }
    const { values, vectors } = symmetricEigen(a, n);
    expect([...values]).toEqual([...values].sort((x, y) => y - x));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let entry = 0;
        let product = 0;
        for (let k = 0; k < n; k++) {
          entry += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!;
          product += vectors[i * n + k]! * vectors[j * n + k]!;
        }
        expect(entry).toBeCloseTo(a[i * n + j]!, 10);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 10);
      }
    }
    expect(() => symmetricEigen(a, 5)).toThrow('36 values are not a 5x5 matrix');
  });
});
