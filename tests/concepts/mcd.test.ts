import { describe, expect, it } from 'vitest';
import { atomsOf, component, decode, encode } from '../../src/concepts/concept-model.js';
import { mcd } from '../../src/concepts/methods/mcd.js';
import { relativeError } from '../../src/concepts/methods/single-atoms.js';
import { rowOf, selectRows, vectors } from '../../src/concepts/vectors.js';
import { noiseVectors } from './planted.js';
import { largestAngle, plantedSubspaces, type PlantedSubspaces } from './planted-subspaces.js';

const DIMENSIONS = [
  [2, 3, 4, 3],
  [4, 2, 3, 4, 2],
];

/** As a share of a vector's length. */
const NOISE = [0.1, 0.05, 0.01];

/** Vectors near subspaces of 64 channels, every tenth an outlier. */
function planted(seed: number, perSubspace = 60): PlantedSubspaces {
  const dimensions = DIMENSIONS[seed % 2]!;
  return plantedSubspaces({
    channels: 64,
    dimensions,
    perSubspace,
    outliers: 0.1,
    noise: NOISE[seed % 3]!,
    seed,
  });
}

describe('mcd', () => {
  it('finds number, dimensions and spans of planted subspaces', { timeout: 300_000 }, async () => {
    let recovered = 0;
    for (let seed = 0; seed < 10; seed++) {
      const { v, bases } = planted(seed);
      const model = await mcd.fit(v, { seed, threads: 1 });
      const found = model.concepts.slice(0, -1).map((_, k) => atomsOf(model, k));
      const matched = bases.filter((basis) =>
        found.some((own) => own.count === basis.count && largestAngle(basis, own) < 5),
      );
      if (found.length === bases.length && matched.length === bases.length) recovered++;
    }
    expect(recovered).toBeGreaterThanOrEqual(9);
  });

  it('takes any vector apart exactly, the last part orthogonal to all subspaces', async () => {
    const model = await mcd.fit(planted(0).v, { seed: 0, threads: 1 });
    const v = noiseVectors(50, 64, 3);
    const codes = encode(model, v);
    expect(relativeError(v, decode(model, codes))).toBeLessThan(1e-5);

    const sum = vectors(v.count, v.width);
    model.concepts.forEach((_, k) => {
      component(model, codes, k).data.forEach((value, i) => (sum.data[i]! += value));
    });
    expect(relativeError(v, sum)).toBeLessThan(1e-5);

    expect(model.concepts.at(-1)).toEqual({ name: 'complement', start: 12, end: 64 });
    const complement = atomsOf(model, 4);
    for (let k = 0; k < 4; k++) {
      const atoms = atomsOf(model, k);
      for (let a = 0; a < atoms.count; a++) {
        for (let b = 0; b < complement.count; b++) {
          const product = rowOf(atoms, a).reduce((s, x, c) => s + x * rowOf(complement, b)[c]!, 0);
          expect(Math.abs(product)).toBeLessThan(1e-6);
        }
      }
    }
  });

  it('finds as many subspaces as asked for, the same for the same seed', async () => {
    const { v } = planted(1, 30);
    const stages = new Set<string>();
    const onProgress = (stage: string): unknown => stages.add(stage);
    const first = await mcd.fit(v, { count: 3, seed: 4, threads: 1, onProgress });
    expect(first.concepts.map(({ name }) => name)).toEqual([
      'concept 0',
      'concept 1',
      'concept 2',
      'complement',
    ]);
    expect(await mcd.fit(v, { count: 3, seed: 4, threads: 1 })).toEqual(first);
    expect([...stages]).toEqual(['represent', 'represent again', 'cluster']);
  });

  it('leaves vectors of zeros aside and does not mind the lengths of the others', async () => {
    const { v } = planted(2, 30);
    const scaled = vectors(v.count + 5, v.width);
    for (let i = 0; i < v.count; i++) {
      rowOf(scaled, i).set(rowOf(v, i).map((value) => value * 2 ** ((i % 7) - 3)));
    }
    const options = { count: 4, seed: 0, threads: 1 };
    const { dictionary, diagnostics } = await mcd.fit(scaled, options);
    expect(diagnostics).toMatchObject({ zeroVectors: 5, vectorsUsed: v.count });
    expect(dictionary).toEqual((await mcd.fit(v, options)).dictionary);
  });

  it('takes subspaces that overlap or fill the whole space', async () => {
    // 6 planes of 8 channels: 12 directions, of which 4 depend on others.
    const { v } = plantedSubspaces({
      channels: 8,
      dimensions: [2, 2, 2, 2, 2, 2],
      perSubspace: 60,
      outliers: 0,
      noise: 0.01,
      seed: 5,
    });
    const model = await mcd.fit(v, { count: 6, seed: 0, threads: 1 });
    expect(model.concepts.map(({ name }) => name)).not.toContain('complement');
    expect(model.diagnostics).toMatchObject({
      spannedDimensions: 8,
      complementDimensions: 0,
      dependentDirections: model.dictionary.count - 8,
    });
    expect(relativeError(v, decode(model, encode(model, v)))).toBeLessThan(1e-5);
  });

  it('says what it cannot take', async () => {
    const fit = (v: typeof some, options: object = {}) => mcd.fit(v, { seed: 0, ...options });
    const some = planted(0, 10).v;
    await expect(fit(vectors(20, 8))).rejects.toThrow(
      'mcd: all feature vectors are 0, there is nothing to find in them',
    );
    await expect(fit(selectRows(some, [0, 1, 2]))).rejects.toThrow(
      'mcd: 3 feature vectors that are not 0 are too few, at least 8 are needed',
    );
    await expect(fit(some, { count: 34 })).rejects.toThrow(
      'mcd: the number of concepts must be a whole number from 1 to 33, the vectors that remain without outliers, got 34',
    );
    await expect(fit(some, { gamma: 1 })).rejects.toThrow(
      'mcd: gamma must be a number above 1, got 1',
    );
    const axes = vectors(12, 12);
    for (let i = 0; i < 12; i++) axes.data[i * 13] = 1;
    await expect(fit(axes)).rejects.toThrow(
      'mcd: only 0 of 12 vectors have anything in common with others, too few for 2 concepts',
    );
    const equal = vectors(12, 4);
    equal.data.fill(1);
    await expect(fit(equal)).rejects.toThrow(
      'mcd: the vectors of each cluster are equal, so that none spans a subspace',
    );
  });
});
