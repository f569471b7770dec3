import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decode, encode, type ConceptModel } from '../../src/concepts/concept-model.js';
import { factorise } from '../../src/concepts/factorisation/factorise.js';
import { kMeansMethod } from '../../src/concepts/methods/k-means.js';
import { nmf } from '../../src/concepts/methods/nmf.js';
import { pca } from '../../src/concepts/methods/pca.js';
import { semiNmf } from '../../src/concepts/methods/semi-nmf.js';
import { relativeError } from '../../src/concepts/methods/single-atoms.js';
import {
  rowOf,
  timesTransposed,
  vectors,
  weightedSums,
  type Vectors,
} from '../../src/concepts/vectors.js';
import { InputError } from '../../src/errors.js';
import { expectClose } from '../graph/check-op.js';
import { waves } from '../metrics/waves.js';
import { noiseVectors, plantedSums } from './planted.js';

interface MethodFixtures {
  readonly pca: {
    readonly mean: readonly number[];
    readonly components: readonly (readonly number[])[];
    readonly shares: readonly number[];
  };
  /** By seed of the waves: the smallest relative error of five starts. */
  readonly nmf: Readonly<Record<string, number>>;
}

/** Values of scikit-learn, made by reference/concepts/make_methods_fixture.py. */
const fixtures = JSON.parse(
  readFileSync(new URL('../fixtures/concept-methods.json', import.meta.url), 'utf8'),
) as MethodFixtures;

/** Products of waves, in float64. */
function product(rows: number, inner: number, columns: number, a: Float64Array, b: Float64Array) {
  const value = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += a[i * inner + k]! * b[k * columns + j]!;
    return sum;
  };
  return Float64Array.from({ length: rows * columns }, (_, at) =>
    value(Math.floor(at / columns), at % columns),
  );
}

const errorOf = (model: ConceptModel, v: Vectors): number =>
  relativeError(v, decode(model, encode(model, v)));

/** The largest cosine of each true atom with a found one. */
const bestCosines = (found: Vectors, atoms: Vectors): number[] => {
  const cosines = timesTransposed(atoms, found);
  return Array.from({ length: atoms.count }, (_, a) => Math.max(...rowOf(cosines, a)));
};

describe('pca', () => {
  const mixed = product(60, 8, 8, waves(60 * 8, 0.9), waves(8 * 8, 2.1));
  const shift = waves(8, 0.2);
  const v: Vectors = {
    count: 60,
    width: 8,
    data: Float32Array.from(mixed, (value, i) => value + 3 * shift[i % 8]!),
  };

  it('finds what scikit-learn finds', async () => {
    const model = await pca.fit(v, { count: 3, seed: 0 });
    expectClose(model.offset, fixtures.pca.mean, 1e-5, 'mean');
    expectClose(model.dictionary.data, fixtures.pca.components.flat(), 1e-4, 'components');
    const shares = [0, 1, 2].map((k) => model.diagnostics[`explainedVariance of concept ${k}`]!);
    expectClose(shares, fixtures.pca.shares, 1e-5, 'shares of the variance');
  });

  it('decodes what it encodes exactly with as many concepts as channels', async () => {
    const model = await pca.fit(v, { count: 8, seed: 0 });
    expect(errorOf(model, v)).toBeLessThan(1e-5);
    expect(model.diagnostics['explainedVariance']).toBeCloseTo(1, 5);
  });

  it('refuses vectors without variance', async () => {
    const one: Vectors = { count: 1, width: 2, data: Float32Array.of(1, 2) };
    const equal: Vectors = { count: 2, width: 2, data: Float32Array.of(1, 2, 1, 2) };
    await expect(pca.fit(one, { seed: 0 })).rejects.toThrow('pca: a single feature vector');
    await expect(pca.fit(equal, { seed: 0 })).rejects.toThrow('pca: all feature vectors are equal');
  });
});

describe('nmf', () => {
  it.each(Object.keys(fixtures.nmf))(
    "comes within 2 %% of scikit-learn's best error on waves from %s",
    async (seed) => {
      const expected = fixtures.nmf[seed]!;
      const start = Number(seed);
      const positive = (values: Float64Array): Float64Array => values.map((x) => Math.max(0, x));
      const clean = product(
        ...([120, 5, 16] as const),
        positive(waves(120 * 5, start)),
        positive(waves(5 * 16, start + 1)),
      );
      const noise = waves(120 * 16, start + 2);
      const v: Vectors = {
        count: 120,
        width: 16,
        data: Float32Array.from(clean, (x, i) => x + 0.2 * Math.abs(noise[i]!)),
      };
      const model = await nmf.fit(v, { count: 5, seed: 1, threads: 1 });
      expect(errorOf(model, v)).toBeLessThan(1.02 * expected);
      expect(model.diagnostics['relativeError']).toBeCloseTo(errorOf(model, v), 2);
      expect(model.dictionary.data.every((value) => value >= 0)).toBe(true);
    },
  );

  it('takes negative rounding errors for 0', async () => {
    const { v } = plantedSums({
      count: 40,
      channels: 6,
      atoms: 3,
      active: 1,
      nonNegative: true,
      seed: 2,
    });
    const rounded = { ...v, data: v.data.map((value) => (value === 0 ? -1e-8 : value)) };
    expect(rounded.data.some((value) => value < 0)).toBe(true);
    const options = { count: 3, seed: 0, threads: 1 };
    expect(await nmf.fit(rounded, options)).toEqual(await nmf.fit(v, options));
  });

  it('refuses signed vectors and names what takes them', async () => {
    const fit = nmf.fit(noiseVectors(20, 4, 1), { count: 2, seed: 0 });
    await expect(fit).rejects.toThrow(InputError);
    await expect(fit).rejects.toThrow(
      /^nmf needs values of at least 0, .* go down to -\d.*: use pca, semi-nmf or sae for signed/,
    );
  });

  it('leaves out atoms that the vectors do not need', async () => {
    const v = vectors(12, 3);
    for (let i = 0; i < 12; i++) rowOf(v, i)[i % 2] = 2;
    const model = await nmf.fit(v, { count: 4, seed: 0, threads: 1 });
    expect(model.concepts.length + model.diagnostics['unusedAtoms']!).toBe(4);
    expect(errorOf(model, v)).toBeLessThan(1e-3);
  });
});

describe('semi-nmf', () => {
  const planted = plantedSums({ count: 300, channels: 12, atoms: 5, active: 1, seed: 4 });

  it('recovers signed atoms with positive weights', async () => {
    const model = await semiNmf.fit(planted.v, { count: 5, seed: 1, threads: 1 });
    expect(Math.min(...bestCosines(model.dictionary, planted.atoms))).toBeGreaterThan(0.99);
    expect(errorOf(model, planted.v)).toBeLessThan(0.02);
    expect(encode(model, planted.v).data.every((code) => code >= 0)).toBe(true);
    expect(model.dictionary.data.some((value) => value < 0)).toBe(true);
  });
});

describe('alternating descent', () => {
  it.each([true, false])('never raises the error: atoms ≥ 0 %s', async (nonNegativeAtoms) => {
    const v = noiseVectors(60, 10, 7, true);
    const start = noiseVectors(4, 10, 8, true);
    const errors: number[] = [];
    for (const iterations of [1, 2, 4, 8, 16]) {
      const found = await factorise(v, start, { nonNegativeAtoms, iterations, threads: 1 });
      expect(found.iterations).toBe(iterations);
      errors.push(relativeError(v, weightedSums(found.codes, found.atoms)));
    }
    expect(errors.at(-1)).toBeLessThan(0.95 * errors[0]!);
    for (let i = 1; i < errors.length; i++) {
      expect(errors[i]).toBeLessThanOrEqual(errors[i - 1]! * (1 + 1e-6));
    }
  });
});

describe('kmeans', () => {
  it('finds the directions of clusters at any length', async () => {
    const { v, atoms } = plantedSums({
      count: 200,
      channels: 10,
      atoms: 4,
      active: 1,
      noise: 0.02,
      seed: 3,
    });
    const model = await kMeansMethod.fit(v, { count: 4, seed: 0 });
    expect(Math.min(...bestCosines(model.dictionary, atoms))).toBeGreaterThan(0.99);
    const codes = encode(model, v);
    for (let i = 0; i < codes.count; i++) {
      expect(rowOf(codes, i).filter((code) => code !== 0)).toHaveLength(1);
    }
  });

  it('passes over vectors of 0 and finds no more clusters than different vectors', async () => {
    const v: Vectors = { count: 5, width: 2, data: Float32Array.of(0, 0, 3, 0, 1, 0, 0, 2, 0, 1) };
    const model = await kMeansMethod.fit(v, { count: 3, seed: 0 });
    expect(model.dictionary.count).toBe(2);
    expect(model.diagnostics['zeroVectors']).toBe(1);
    expect(errorOf(model, v)).toBeLessThan(1e-6);
  });
});
