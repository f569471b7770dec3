import { readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { expandAlterations } from '../../src/experiments/alterations.js';
import { experimentSchema, readExperiment } from '../../src/experiments/experiment-file.js';
import { parseFraction } from '../../src/fraction.js';
import { packageRoot } from '../../src/package-root.js';
import { parseConfig } from '../../src/parse-config.js';

const minimal = {
  schemaVersion: 1,
  title: 'T',
  question: 'Q?',
  models: ['lite0-14x14'],
  images: [{ name: 'a', path: 'photos' }],
};
const parse = (change: object) =>
  parseConfig(experimentSchema, { ...minimal, ...change }, 'e.json');

const shipped = path.join(packageRoot(), 'experiments');

describe('experiment files', () => {
  it.each(readdirSync(shipped))('ships %s in order', async (file) => {
    const experiment = await readExperiment(path.join(shipped, file));
    expect(experiment.charts.length + experiment.galleries.length).toBeGreaterThan(0);
  });

  it('fill in what is left out', () => {
    expect(parse({})).toMatchObject({
      ...{ seeds: [100], batch: 16, sampling: {}, charts: [], alterations: [{ type: 'none' }] },
      images: [{ name: 'a', path: 'photos', crops: 1 }],
    });
  });

  it('are refused with a sentence that names the field', () => {
    const wrong: [object, RegExp][] = [
      [{ model: ['x'] }, /e\.json: "model" is not a field, did you mean "models"\?/],
      [{ images: [] }, /"images" must be a list of at least 1 values/],
      [{ sampling: { steps: [0] } }, /"sampling.steps\[0\]" must be at least 1, got 0/],
      [{ sampling: { sampler: ['euler'] } }, /"sampling.sampler\[0\]" must be one of "ddim"/],
      [{ alterations: [{ type: 'blur' }] }, /alterations\[0\]/],
      [{ alterations: [{ type: 'attack', epsilons: ['much'] }] }, /alterations\[0\].epsilons\[0\]/],
      [
        { alterations: [{ type: 'corruption', kinds: ['rain'], severities: [1] }] },
        /"alterations\[0\].kinds\[0\]" must be one of "all", "gaussian_noise"/,
      ],
      [
        { charts: [{ type: 'bars', title: 'x', value: 'beauty', by: 'model' }] },
        /"charts\[0\].value" must be one of "cosine"/,
      ],
    ];
    for (const [change, message] of wrong) expect(() => parse(change)).toThrow(message);
  });

  it('never fail otherwise than with such a sentence', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(minimal), 'charts'), fc.jsonValue()),
        (change) => {
          try {
            parse(change);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
    );
  });
});

describe('parseFraction', () => {
  it('reads numbers and quotients of numbers', () => {
    expect(parseFraction('8/255')).toBe(8 / 255);
    expect(parseFraction(' 0.5 ')).toBe(0.5);
    for (const text of ['', 'x', '1/2/3', '1/', '0x10']) expect(parseFraction(text)).toBeNaN();
  });
});

describe('expandAlterations', () => {
  it('makes one alteration of each kind, severity and size', () => {
    const { alterations } = parse({
      alterations: [
        { type: 'none' },
        { type: 'corruption', kinds: ['brightness', 'contrast'], severities: [1, 5] },
        { type: 'attack', epsilons: ['8/255', 0.1] },
        { type: 'attack', norm: 'l2', epsilons: [1], steps: 1 },
      ],
    });
    const expanded = expandAlterations(alterations);
    expect(expanded.map(({ coordinates }) => coordinates)).toEqual([
      { alteration: 'none' },
      { alteration: 'brightness', severity: 1 },
      { alteration: 'brightness', severity: 5 },
      { alteration: 'contrast', severity: 1 },
      { alteration: 'contrast', severity: 5 },
      { alteration: 'PGD 10 L∞', epsilon: 8 / 255 },
      { alteration: 'PGD 10 L∞', epsilon: 0.1 },
      { alteration: 'FGSM L2', epsilon: 1 },
    ]);
    expect(expanded.at(-1)).toMatchObject({ attack: { norm: 'l2', steps: 1, stepSize: 1 } });
    expect(
      expandAlterations(
        parse({ alterations: [{ type: 'corruption', kinds: ['all'], severities: [2] }] })
          .alterations,
      ),
    ).toHaveLength(19);
  });
});
