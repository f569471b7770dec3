import { describe, expect, it } from 'vitest';
import { RowProducts, gramMatrix, scatterMatrix } from '../../src/concepts/big-product.js';
import { solveElasticNet } from '../../src/concepts/mcd/elastic-net.js';
import { joinBases } from '../../src/concepts/mcd/join-bases.js';
import { leadingEigenpairs } from '../../src/concepts/mcd/leading-eigenpairs.js';
import { inliers } from '../../src/concepts/mcd/outliers.js';
import { spectralClustering } from '../../src/concepts/mcd/spectral-clustering.js';
import { symmetricPart, type SparseRow } from '../../src/concepts/mcd/sparse-matrix.js';
import { strongest } from '../../src/concepts/mcd/strongest.js';
import { unitRows } from '../../src/concepts/methods/single-atoms.js';
import {
  selectRows,
  timesTransposed,
  transposed,
  type Vectors,
} from '../../src/concepts/vectors.js';
import { Random } from '../../src/random.js';
import { noiseVectors } from './planted.js';

const row = (entries: Readonly<Record<number, number>>): SparseRow => ({
  columns: Uint32Array.from(Object.keys(entries), Number),
  values: Float64Array.from(Object.values(entries)),
});

const expectClose = (found: ArrayLike<number>, expected: ArrayLike<number>, digits = 4): void => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(expected[i]!, digits);
};

describe('big products', () => {
  it('are those of the rows, block by block', async () => {
    const rows = noiseVectors(30, 7, 1);
    const products = await RowProducts.compile(rows, 1);
    const few = selectRows(rows, [3, 8]);
    expectClose((await products.run(few)).data, timesTransposed(few, rows).data);
    expectClose((await gramMatrix(products, rows)).data, timesTransposed(rows, rows).data);
    await products.dispose();
    const columns = transposed(rows);
    expectClose((await scatterMatrix(rows, 1)).data, timesTransposed(columns, columns).data);
  });
});

describe('solveElasticNet', () => {
  function problem(atoms: Vectors, target: Float32Array, l1: number, l2 = 0) {
    return {
      gram: Float64Array.from(timesTransposed(atoms, atoms).data),
      products: Float64Array.from(
        timesTransposed(atoms, { count: 1, width: atoms.width, data: target }).data,
      ),
      l1,
      l2,
      mostActive: atoms.count,
    };
  }

  it('shrinks towards 0 where the atoms are orthonormal', () => {
    const axes: Vectors = { count: 3, width: 3, data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
    const codes = new Float64Array(3);
    solveElasticNet(problem(axes, Float32Array.of(2, -0.75, 0.25), 0.5, 1), codes);
    expectClose(codes, [0.75, -0.125, 0]);
  });

  it('meets the conditions of optimality, from any start', () => {
    const atoms = unitRows(noiseVectors(60, 20, 2));
    const given = problem(atoms, unitRows(noiseVectors(1, 20, 3)).data, 0.01);
    const first = new Float64Array(60);
    solveElasticNet(given, first);
    for (let j = 0; j < 60; j++) {
      let gradient = given.products[j]!;
      for (let i = 0; i < 60; i++) gradient -= given.gram[j * 60 + i]! * first[i]!;
      if (first[j] === 0) expect(Math.abs(gradient)).toBeLessThanOrEqual(given.l1 * 1.0001);
      else expect(gradient).toBeCloseTo(given.l1 * Math.sign(first[j]!), 5);
    }
    const second = Float64Array.from(first, (_, j) => (j % 3) - 1);
    solveElasticNet(given, second);
    expectClose(second, first, 3);
  });

  it('takes equal atoms and stops at the most that may be in use', () => {
    const { data } = unitRows(noiseVectors(1, 5, 4));
    const twice: Vectors = { count: 2, width: 5, data: Float32Array.of(...data, ...data) };
    const codes = new Float64Array(2);
    solveElasticNet(problem(twice, data, 0.1), codes);
    expectClose([codes[0]! + codes[1]!], [0.9]);

    const many = new Float64Array(60);
    const atoms = unitRows(noiseVectors(60, 40, 5));
    const target = unitRows(noiseVectors(1, 40, 6)).data;
    solveElasticNet({ ...problem(atoms, target, 1e-3), mostActive: 10 }, many);
    expect(many.filter((code) => code !== 0).length).toBe(10);
  });
});

describe('leadingEigenpairs', () => {
  it('finds values that occur several times, in a matrix too large to take apart as a whole', () => {
    const values = [4, 3, 3, 3, 2];
    const diagonal = Float64Array.from({ length: 900 }, (_, i) => values[i] ?? Math.sin(i));
    const operator = {
      size: 900,
      multiply: (x: Float64Array, out: Float64Array): void =>
        x.forEach((value, i) => (out[i] = diagonal[i]! * value)),
    };
    const found = leadingEigenpairs(operator, 5, new Random(0));
    expectClose(found.values, values, 6);
    found.vectors.forEach((vector, k) => {
      const inside = vector.reduce((sum, x, i) => (values[i] === values[k] ? sum + x * x : sum), 0);
      expect(inside).toBeCloseTo(1, 6);
    });
  });
});

describe('spectralClustering', () => {
  it('finds the rings of a graph, and takes a vertex without edges', () => {
    const rows: SparseRow[] = [];
    for (let i = 0; i < 60; i++) {
      const ring = Math.floor(i / 20) * 20;
      const next = (step: number): number => ring + ((i + step) % 20);
      rows.push(row({ [next(1)]: -1, [next(3)]: 0.5, [next(7)]: 0.5 }));
    }
    rows.push(row({}));
    const { count, assignment, gap } = spectralClustering(symmetricPart(rows), undefined, 0);
    expect(count).toBe(3);
    expect(gap).toBeGreaterThan(0.1);
    for (let i = 0; i < 60; i++) expect(assignment[i]).toBe(assignment[Math.floor(i / 20) * 20]);
    expect(new Set(assignment.subarray(0, 60)).size).toBe(3);
  });
});

describe('inliers', () => {
  it('are the share of lowest L1 norm, without those that nothing represents', () => {
    const rows = [row({ 1: 3 }), row({ 0: -1 }), row({ 0: 1, 1: 1 }), row({}), row({ 2: 0.5 })];
    expect(inliers(rows, 0.75)).toEqual([1, 2, 4]);
    expect(inliers([row({}), row({})], 0.75)).toEqual([]);
  });
});

describe('strongest', () => {
  it('picks the largest values of either sign and no zeros', () => {
    expect([...strongest(Float32Array.of(0.1, -0.9, 0, 0.5, -0.2), 2)]).toEqual([1, 3]);
    expect([...strongest(Float32Array.of(0, 1, 0), 3)]).toEqual([1]);
    expect([...strongest(Float32Array.of(1, 1, 1), 2)]).toEqual([0, 1]);
    expect(strongest(new Float32Array(4), 2).length).toBe(0);
  });
});

describe('joinBases', () => {
  it('has inverse rows for independent bases at a small angle', () => {
    // 2 degrees between two lines of 3 channels.
    const angle = Math.PI / 90;
    const first: Vectors = { count: 1, width: 3, data: Float32Array.of(1, 0, 0) };
    const second = { ...first, data: Float32Array.of(Math.cos(angle), Math.sin(angle), 0) };
    const { dictionary, weight, rank } = joinBases([first, second]);
    expect(rank).toBe(2);
    expectClose(timesTransposed(weight, dictionary).data, [1, 0, 0, 0, 1, 0, 0, 0, 1], 5);
  });

  it('shares what bases have in common', () => {
    const line: Vectors = { count: 1, width: 2, data: Float32Array.of(1, 0) };
    const { weight, rank, dictionary } = joinBases([line, line]);
    expect(rank).toBe(1);
    expect(dictionary.count).toBe(3);
    expectClose(weight.data.map(Math.abs), [0.5, 0, 0.5, 0, 0, 1]);
  });
});
