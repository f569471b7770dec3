/** Against scikit-learn and the public MCD code: reference/concepts/make_mcd_fixture.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { atomsOf } from '../../src/concepts/concept-model.js';
import { inliers } from '../../src/concepts/mcd/outliers.js';
import { selfRepresentation } from '../../src/concepts/mcd/self-representation.js';
import { mcd } from '../../src/concepts/methods/mcd.js';
import { unitRows } from '../../src/concepts/methods/single-atoms.js';
import type { Vectors } from '../../src/concepts/vectors.js';
import { packageRoot } from '../../src/package-root.js';
import { largestAngle } from './planted-subspaces.js';

interface Fixture {
  readonly gamma: number;
  readonly vectors: readonly (readonly number[])[];
  readonly codes: readonly {
    readonly l1Share: number;
    readonly rows: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  }[];
  readonly public: {
    /** Cluster of each vector, -1 for outliers. */
    readonly labels: readonly number[];
    readonly bases: readonly (readonly (readonly number[])[])[];
  };
}

const file = path.join(packageRoot(), 'tests', 'fixtures', 'mcd.json');
const fixture = JSON.parse(readFileSync(file, 'utf8')) as Fixture;

const toVectors = (rows: readonly (readonly number[])[]): Vectors => ({
  count: rows.length,
  width: rows[0]!.length,
  data: Float32Array.from(rows.flat()),
});

const v = toVectors(fixture.vectors);

describe('self-representation', () => {
  it.each(fixture.codes)('has the codes of scikit-learn, L1 share $l1Share', async (expected) => {
    const { l1Share, rows } = expected;
    const found = await selfRepresentation(unitRows(v), {
      gamma: fixture.gamma,
      l1Share,
      threads: 1,
    });
    for (const [j, entries] of Object.entries(rows)) {
      const codes = new Float64Array(v.count);
      entries.forEach(([column, value]) => (codes[column] = value));
      const { columns, values } = found[Number(j)]!;
      expect(columns).not.toContain(Number(j));
      const own = new Float64Array(v.count);
      columns.forEach((column, i) => (own[column] = values[i]!));
      const error = own.reduce((most, code, i) => Math.max(most, Math.abs(code - codes[i]!)), 0);
      expect(error).toBeLessThan(2e-4);
    }
  });

  it('makes no vector of itself, however few there are', async () => {
    const few = { ...v, count: 40, data: v.data.subarray(0, 40 * v.width) };
    const rows = await selfRepresentation(unitRows(few), { gamma: fixture.gamma, threads: 1 });
    rows.forEach(({ columns }, j) => expect(columns).not.toContain(j));
  });

  it('leaves out the outliers of the public code', async () => {
    const rows = await selfRepresentation(unitRows(v), { gamma: fixture.gamma, threads: 1 });
    const expected = [...fixture.public.labels.keys()].filter(
      (i) => fixture.public.labels[i]! >= 0,
    );
    expect(inliers(rows, 0.75)).toEqual(expected);
  });
});

describe('mcd', () => {
  it('finds the subspaces of the public code', async () => {
    const { bases } = fixture.public;
    const model = await mcd.fit(v, { count: bases.length, seed: 0, threads: 1 });
    for (const basis of bases.map(toVectors)) {
      const angles = bases.map((_, k) => {
        const own = atomsOf(model, k);
        return own.count === basis.count ? largestAngle(own, basis) : 90;
      });
      expect(Math.min(...angles)).toBeLessThan(0.1);
    }
  });
});
