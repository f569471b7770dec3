import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { readConcepts } from '../../src/concepts/concept-files.js';
import type { ConceptReport } from '../../src/cli/concepts/describe-concepts.js';
import { loadInverter } from '../../src/inversion/inverter.js';
import { topIndices } from '../../src/metrics/index.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { featinv } from './in-process.js';

// Normally a few seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;
const at = (...parts: string[]): string => path.join(micro.directory, ...parts);

beforeAll(async () => {
  micro = await makeMicroModels();
});

afterAll(() => micro.remove());

const fit = (...args: string[]) =>
  featinv('concepts', 'fit', '--model', micro.inverter, '--threads', '1', ...args);

const sum = (values: readonly (number | null)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? NaN), 0);

describe('featinv concepts fit', () => {
  it('finds concepts in the maps that the inverter reads, measures and writes them', async () => {
    const out = at('kmeans');
    const args = ['--images', micro.photographs, '--method', 'kmeans', '--count', '3'];
    const run = await fit(...args, '--seeds', '2', '--out', out, '--json');
    expect(run.code, run.stderr).toBe(0);
    const report = JSON.parse(run.stdout) as ConceptReport;
    expect(report).toMatchObject({
      ...{ out, method: 'kmeans', class: null, images: 3, vectors: 3 * 49, seed: 100 },
      ...{ backbone: 'mobilenet_v1_025', layer: 'Conv2d_13_pointwise', mapShape: [256, 7, 7] },
      imageSize: 64,
      // One of three codes of a vector is not 0.
      sparsity: { zeroShare: expect.closeTo(2 / 3, 2) as number },
      relevance: { kind: 'exact', pictures: 3 },
    });
    const { concepts, relevance, completeness, stability } = report;
    expect(concepts).toHaveLength(3);
    expect(sum(concepts.map(({ energyShare }) => energyShare))).toBeCloseTo(1, 6);
    expect(concepts.at(-1)!.rSquared).toBe(report.rSquared);
    expect(concepts.at(-1)!.completeness).toBe(completeness!.whole);
    expect(stability!.mean).toBeCloseTo(sum(concepts.map((concept) => concept.stability)) / 3, 6);
    if (relevance.kind !== 'exact') throw new Error('relevance is exact behind the last layer');
    expect(relevance.largestGap).toBeLessThanOrEqual(1e-4);
    // All parts together are the logits without their biases, which are small.
    const parts = sum(concepts.map((concept) => concept.relevance)) + relevance.rest;
    expect(Math.abs(parts - relevance.logit)).toBeLessThan(2);

    expect(JSON.parse(readFileSync(path.join(out, 'measures.json'), 'utf8'))).toEqual(report);
    const fitted = await readConcepts(out);
    expect(fitted.fit.images).toEqual(
      [0, 1, 2].map((k) => path.join(micro.photographs, `${k}.png`)),
    );
    expect(fitted.model.dictionary).toMatchObject({ count: 3, width: 256 });

    const again = await fit(...args, '--out', at('again'));
    expect(again.stdout).toMatch(/^concept +name +dimensions +energy +R² so far +relevance/);
    expect(again.stdout).toContain('147, 7 x 7 of each of 3 pictures');
    for (const file of ['concepts.json', 'concepts.safetensors']) {
      expect(readFileSync(at('again', file))).toEqual(readFileSync(path.join(out, file)));
    }
  });

  it('takes another layer, with relevance to first order', async () => {
    const args = ['--images', micro.photographs, '--method', 'pca', '--count', '2', '--json'];
    const layer = ['--layer', 'Conv2d_11_pointwise'];
    const run = await fit(...args, ...layer, '--limit', '2', '--out', at('pca'));
    expect(run.code, run.stderr).toBe(0);
    const report = JSON.parse(run.stdout) as ConceptReport;
    expect(report).toMatchObject({
      ...{ images: 2, mapShape: [128, 14, 14], completeness: null, stability: null },
      relevance: { kind: 'first-order', pictures: 2, largestGap: null },
    });
    expect(report.concepts[0]).toMatchObject({
      relevance: expect.any(Number) as number,
      globalRelevance: null,
    });
  });

  it('keeps only pictures that the classifier sees as a class', async () => {
    const inverter = await loadInverter(micro.inverter, { threads: 1 });
    const seen: number[] = [];
    for (const k of [0, 1, 2]) {
      const image = await inverter.prepare(path.join(micro.photographs, `${k}.png`));
      seen.push(topIndices((await inverter.look([image])).logits, 1)[0]!);
    }
    const label = inverter.backbone.labels[seen[1]!]!;
    await inverter.dispose();
    const args = ['--images', micro.photographs, '--method', 'pca', '--count', '1'];
    const run = await fit(...args, '--class', label.toUpperCase(), '--out', at('class'));
    expect(run.code, run.stderr).toBe(0);
    const { images, class: kept } = (await readConcepts(at('class'))).fit;
    expect(kept).toBe(label.toUpperCase());
    expect(images).toEqual(
      [0, 1, 2]
        .filter((k) => seen[k] === seen[1])
        .map((k) => path.join(micro.photographs, `${k}.png`)),
    );
  });

  it('tells which picture cannot be read, and goes on', async () => {
    const folder = at('mixed');
    mkdirSync(folder);
    writeFileSync(path.join(folder, '0.png'), 'no picture');
    writeFileSync(path.join(folder, '1.png'), readFileSync(path.join(micro.photographs, '1.png')));
    const args = ['--images', folder, '--method', 'nmf', '--count', '2'];
    const run = await fit(...args, '--out', at('nmf'));
    expect(run.stderr).toContain(path.join(folder, '0.png'));
    expect(run.stdout).toContain('49, 7 x 7 of each of 1 picture');
    expect(run.code).toBe(2);
  });

  it.each([
    [['--method', 'kmean'], 'there is no concept method "kmean": did you mean "kmeans"?'],
    [['--method', 'pca', '--active', '3'], '--active belongs to --method sae, not to pca'],
    [['--method', 'nmf', '--gamma', '3'], '--gamma belongs to --method mcd, not to nmf'],
    [['--method', 'pca', '--layer', 'Conv2d_99'], 'has no layer "Conv2d_99"'],
    [['--method', 'pca', '--class', 'no such thing'], 'is seen as "no such thing" by mobilenet'],
    [['--method', 'kmeans', '--count', '500'], 'must be a whole number from 1 to 147'],
    [
      ['--method', 'nmf', '--backbone', 'efficientnet_lite0', '--layer', 'blocks.10'],
      'nmf needs values of at least 0',
    ],
  ])('answers %j with a sentence and exit code 2', async (args, message) => {
    const run = await fit('--images', micro.photographs, '--out', at('refused'), ...args);
    expect(run.stderr).toContain(message);
    expect(run.code).toBe(2);
    expect(run.stdout).toBe('');
  });

  it('says that a folder holds no pictures', async () => {
    const run = await fit('--images', micro.inverter, '--method', 'pca');
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('holds no pictures');
  });
});
