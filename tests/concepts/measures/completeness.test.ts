import { describe, expect, it } from 'vitest';

import {
  completeness,
  completenessCurves,
  sufficientConcepts,
} from '../../../src/concepts/measures/completeness.js';
import { globalRelevances } from '../../../src/concepts/measures/global-relevance.js';
import { madeUpModel, near, randomRows, rows } from './made-up.js';

describe('completeness', () => {
  // The class vector (3, 4, 12, 0) has length 13.
  const w = [3, 4, 12, 0];
  const model = madeUpModel(rows([2, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1]), { sizes: [2, 1] });

  it('is the share of the class vector’s length in the span of the first concepts', () => {
    expect(completeness(model, w, 1)).toBeCloseTo(5 / 13, 6);
    // (0, 0, 12, 0) on (0, 0, 1, 1) / √2 is 12 / √2 long.
    expect(completeness(model, w, 2)).toBeCloseTo(Math.sqrt(25 + 72) / 13, 6);
  });

  it('does not count directions twice and ends at 1 where concepts span everything', () => {
    const spanning = madeUpModel(randomRows(9, 4, 3));
    const [curve] = completenessCurves(spanning, [w]);
    expect([...curve!.slice(3)]).toEqual(new Array(6).fill(near(1, 9)));
    expect([...curve!]).toEqual([...curve!].sort());
  });

  it('finds how many concepts suffice', () => {
    expect(sufficientConcepts([0.2, 0.49, 0.5, 0.9])).toBe(3);
    expect(sufficientConcepts([0.2, 0.3])).toBeNull();
    expect(sufficientConcepts(completenessCurves(model, [w])[0]!)).toBe(2);
  });

  it('refuses what it cannot measure', () => {
    expect(() => completeness(model, w, 3)).toThrow('k must be a whole number from 1 to 2');
    expect(() => completeness(model, [1, 2], 1)).toThrow('the class vector has 2');
    expect(() => completeness(model, [0, 0, 0, 0], 1)).toThrow('must have a length');
  });
});

describe('global relevance', () => {
  it('is the length of each part of the unit class vector', () => {
    const model = madeUpModel(rows([1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]), { sizes: [2, 1] });
    const [parts] = globalRelevances(model, [[3, 4, 12, 84]]);
    expect([...parts!.concepts]).toEqual([near(5 / 85, 6), near(12 / 85, 6)]);
    expect(parts!.rest).toBeCloseTo(84 / 85, 6);
  });

  it('takes oblique atoms by least squares', () => {
    // (2, 1) = 1 · (1, 0) + 1 · (1, 1).
    const model = madeUpModel(rows([3, 0], [1, 1]), { encoder: { kind: 'non-negative' } });
    const [parts] = globalRelevances(model, [[2, 1]]);
    const length = Math.sqrt(5);
    expect([...parts!.concepts]).toEqual([near(1 / length, 6), near(Math.SQRT2 / length, 6)]);
    expect(parts!.rest).toBeCloseTo(0, 6);
  });

  it('leaves of the class vector what lies outside of many oblique atoms', () => {
    const dictionary = randomRows(12, 20, 6);
    const w = randomRows(1, 20, 7).data;
    const model = madeUpModel(dictionary, { sizes: [12], encoder: { kind: 'non-negative' } });
    const inside = completeness(model, w, 1);
    const [parts] = globalRelevances(model, [w]);
    expect(parts!.concepts[0]).toBeCloseTo(inside, 6);
    expect(parts!.rest).toBeCloseTo(Math.sqrt(1 - inside ** 2), 6);
  });

  it('takes the shortest codes where atoms are more than channels', () => {
    const model = madeUpModel(rows([1, 0], [1, 0], [0, 1]), { encoder: { kind: 'nearest' } });
    const [parts] = globalRelevances(model, [[3, 4]]);
    expect([...parts!.concepts]).toEqual([0.3, 0.3, 0.8].map((value) => near(value, 6)));
    expect(parts!.rest).toBeCloseTo(0, 6);
  });
});
