import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConcepts, writeConcepts } from '../../src/concepts/concept-files.js';
import { decode, encode, type ConceptModel } from '../../src/concepts/concept-model.js';
import type { ConceptMethod } from '../../src/concepts/methods/method.js';
import { CONCEPT_METHODS, findConceptMethod } from '../../src/concepts/methods/registry.js';
import { rowOf, squaredNorm, vectors, type Vectors } from '../../src/concepts/vectors.js';
import { InputError } from '../../src/errors.js';
import { plantedSums } from './planted.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'featinv-methods-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const CHANNELS = 8;
const { v } = plantedSums({
  count: 160,
  channels: CHANNELS,
  atoms: 5,
  active: 2,
  noise: 0.02,
  nonNegative: true,
  seed: 11,
});

const fitTo = (method: ConceptMethod, seed: number, data = v): Promise<ConceptModel> =>
  method.fit(data, { count: 4, seed, active: 2, threads: 1 });

function rest(model: ConceptModel): number {
  const approximation = decode(model, encode(model, v));
  return squaredNorm({ ...v, data: v.data.map((value, i) => value - approximation.data[i]!) });
}

const tensorsOf = ({ dictionary, offset, encoder }: ConceptModel): unknown => ({
  dictionary,
  offset,
  encoder,
});

describe.each(CONCEPT_METHODS)('$name', (method) => {
  let model: ConceptModel;
  const stages: [string, number, number][] = [];
  beforeAll(async () => {
    model = await method.fit(v, {
      count: 4,
      seed: 1,
      active: 2,
      threads: 1,
      onProgress: (...report) => stages.push(report),
    });
  });

  it('covers its dictionary with concepts of different names', () => {
    const { concepts, dictionary, offset } = model;
    expect(model.method).toBe(method.name);
    expect(concepts.length).toBeGreaterThan(0);
    concepts.forEach(({ start, end }, k) => {
      expect(start).toBe(concepts[k - 1]?.end ?? 0);
      expect(end).toBeGreaterThan(start);
    });
    expect(new Set(concepts.map(({ name }) => name)).size).toBe(concepts.length);
    expect(dictionary.count).toBe(concepts.at(-1)!.end);
    expect(dictionary.width).toBe(CHANNELS);
    expect(dictionary.data.length).toBe(dictionary.count * CHANNELS);
    expect(offset.length).toBe(CHANNELS);
  });

  it('has atoms of unit length', () => {
    for (let a = 0; a < model.dictionary.count; a++) {
      const atom = rowOf(model.dictionary, a);
      expect(squaredNorm({ count: 1, width: CHANNELS, data: atom })).toBeCloseTo(1, 4);
    }
  });

  it('explains vectors better than its offset alone', () => {
    const none = decode(model, vectors(v.count, model.dictionary.count));
    const error = squaredNorm({ ...v, data: v.data.map((x, i) => x - none.data[i]!) });
    expect(rest(model)).toBeLessThan(error);
  });

  it('says finite things of its fit and reports progress to the end', () => {
    const values = Object.values(model.diagnostics);
    expect(values.length).toBeGreaterThan(0);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(stages.length).toBeGreaterThan(0);
    const [, done, total] = stages.at(-1)!;
    expect(done).toBe(total);
  });

  it('fits the same to the same vectors and seed, and leaves the vectors as they are', async () => {
    const before: Vectors = { ...v, data: v.data.slice() };
    expect(tensorsOf(await fitTo(method, 1))).toEqual(tensorsOf(model));
    expect(v).toEqual(before);
  });

  it('gives the same codes after writing and reading', async () => {
    const directory = path.join(root, method.name);
    await writeConcepts(directory, {
      backbone: 'lite0',
      layer: 'head',
      mapShape: [CHANNELS, 4, 4],
      imageSize: 64,
      fit: { images: ['a.png'], class: 'cat', vectors: v.count, seed: 1 },
      model,
    });
    const read = (await readConcepts(directory)).model;
    expect(read).toEqual(model);
    expect(encode(read, v)).toEqual(encode(model, v));
  });

  it('refuses vectors of another width', () => {
    expect(() => encode(model, vectors(2, CHANNELS + 1))).toThrow(
      'the concepts were fitted to vectors of 8 channels, these have 9',
    );
  });

  it.each([
    ['no vectors', vectors(0, CHANNELS)],
    ['vectors of 0', vectors(20, CHANNELS)],
    ['a value that is no number', { ...v, data: v.data.map((x, i) => (i === 9 ? NaN : x)) }],
    ['an infinite value', { ...v, data: v.data.map((x, i) => (i === 9 ? Infinity : x)) }],
  ])('refuses %s', async (_, data) => {
    await expect(fitTo(method, 0, data)).rejects.toThrow(InputError);
  });

  it.each([0, -1, 2.5, NaN, 1e6])('refuses to find %s concepts', async (count) => {
    const fit = method.fit(v, { count, seed: 0 });
    await expect(fit).rejects.toThrow(InputError);
  });
});

describe('the registry', () => {
  it('finds each method by its name', () => {
    const names = CONCEPT_METHODS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const method of CONCEPT_METHODS) expect(findConceptMethod(method.name)).toBe(method);
  });

  it('names the nearest method, or all of them', () => {
    expect(() => findConceptMethod('k-means')).toThrow(
      'there is no concept method "k-means": did you mean "kmeans"?',
    );
    expect(() => findConceptMethod('wavelets')).toThrow(/the methods are .*nmf, semi-nmf, sae/);
    expect(() => findConceptMethod('wavelets')).toThrow(InputError);
  });
});
