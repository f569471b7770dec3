import { describe, expect, it } from 'vitest';

import {
  conceptActivationMap,
  conceptGain,
  meanActivation,
} from '../../src/concepts/concept-activation-map.js';
import { steerMap } from '../../src/concepts/steer-map.js';
import type { FeatureMap } from '../../src/inversion/inverter.js';
import { Random } from '../../src/random.js';
import { axisConcepts } from './axis-concepts.js';

const shape = [6, 2, 3] as const;
const POSITIONS = 6;
const map = { shape, data: new Random('map').fillNormal(new Float32Array(6 * POSITIONS)) };
const model = axisConcepts(6, [2, 1]);

/** Value of channel c at position i. */
const at = (data: Float32Array, c: number, i: number): number => data[c * POSITIONS + i]!;

describe('steerMap', () => {
  it('gives the map itself at scale 1', () => {
    expect(steerMap(model, map, { concept: 0, scale: 1 })).toBe(map);
  });

  it('takes exactly the concept out at scale 0 and leaves the rest bit for bit', () => {
    const { data } = steerMap(model, map, { concept: 0, scale: 0 });
    for (let i = 0; i < POSITIONS; i++) {
      expect([at(data, 0, i), at(data, 1, i)]).toEqual([0, 0]);
      for (let c = 2; c < 6; c++) expect(at(data, c, i)).toBe(at(map.data, c, i));
    }
  });

  it('scales the part of the vector without the offset', () => {
    const shifted = { ...model, offset: Float32Array.of(10, 0, 0, 0, 0, 0) };
    const { data } = steerMap(shifted, map, { concept: 0, scale: 3 });
    for (let i = 0; i < POSITIONS; i++) {
      expect(at(data, 0, i)).toBeCloseTo(10 + 3 * (at(map.data, 0, i) - 10), 4);
      expect(at(data, 1, i)).toBeCloseTo(3 * at(map.data, 1, i), 5);
    }
  });

  it('steers the positions of a region by their weights and no others', () => {
    const weights = [0, 0.5, 1, 0, 0, 0];
    const { data } = steerMap(model, map, { concept: 1, scale: -1, weights });
    for (let i = 0; i < POSITIONS; i++) {
      expect(at(data, 2, i)).toBeCloseTo(at(map.data, 2, i) * (1 - 2 * weights[i]!), 5);
      if (weights[i] === 0) {
        for (let c = 0; c < 6; c++) expect(at(data, c, i)).toBe(at(map.data, c, i));
      }
    }
  });

  it('keeps the sign of zeros outside the region', () => {
    const zeros = { shape, data: new Float32Array(36).fill(-0) };
    const { data } = steerMap(model, zeros, { concept: 0, scale: 2, weights: [1, 0, 0, 0, 0, 0] });
    expect(Object.is(at(data, 0, 1), -0)).toBe(true);
  });

  it.each([
    [{ concept: 2, scale: 1 }, 'there is no concept 2: axes found 2, numbered from 0'],
    [{ concept: 0, scale: NaN }, 'must be a finite number, got NaN'],
    [
      { concept: 0, scale: 0, weights: [1, 1] },
      'a map of shape [6,2,3] has 6 positions, the region has 2 weights',
    ],
  ])('refuses %j', (steering, message) => {
    expect(() => steerMap(model, map, steering)).toThrow(message);
  });
});

describe('conceptActivationMap', () => {
  it('is the length of the concept’s part, and follows the scale', () => {
    const before = conceptActivationMap(model, map, 0);
    expect(before[4]).toBeCloseTo(Math.hypot(at(map.data, 0, 4), at(map.data, 1, 4)), 5);
    const doubled = steerMap(model, map, { concept: 0, scale: 2 });
    const after = conceptActivationMap(model, doubled, 0);
    after.forEach((value, i) => expect(value).toBeCloseTo(2 * before[i]!, 5));
  });

  it('comes back as a gain, which is the scale in a steered map', () => {
    const gain = (other: FeatureMap, weights: number[] | null = null): number | null =>
      conceptGain(model, map, other, { concept: 0, weights });
    const weights = [0, 0, 1, 1, 0, 0];
    for (const scale of [-1, 0, 0.25, 1, 2]) {
      expect(gain(steerMap(model, map, { concept: 0, scale }))).toBeCloseTo(scale, 5);
      const inside = steerMap(model, map, { concept: 0, scale, weights });
      expect(gain(inside, weights)).toBeCloseTo(scale, 5);
    }
    expect(gain(steerMap(model, map, { concept: 1, scale: 7 }))).toBeCloseTo(1, 5);
    const empty = { shape, data: new Float32Array(36) };
    expect(conceptGain(model, empty, map, { concept: 0, weights: null })).toBeNull();
  });

  it('is averaged over positions by their weights', () => {
    expect(meanActivation([1, 2, 6], null)).toBe(3);
    expect(meanActivation([1, 2, 6], [0, 1, 0.5])).toBeCloseTo(5 / 1.5, 12);
  });
});
