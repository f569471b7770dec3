import { describe, expect, it } from 'vitest';
import type { Branch, PredictBranches } from '../../src/diffusion/guidance.js';
import {
  combineBranches,
  guidanceBranches,
  guidedNoise,
  parseGuidanceMode,
} from '../../src/diffusion/guidance.js';
import { InputError } from '../../src/errors.js';

describe('guidanceBranches', () => {
  it('keeps the hint in text mode and zeroes it in joint mode', () => {
    expect(guidanceBranches({ mode: 'text', scale: 1.75 })).toEqual([
      { hint: 'features', context: 'null' },
      { hint: 'features', context: 'prompt' },
    ]);
    expect(guidanceBranches({ mode: 'joint', scale: 3 })).toEqual([
      { hint: 'zero', context: 'null' },
      { hint: 'features', context: 'prompt' },
    ]);
  });

  it('needs one branch at scale 1 and at scale 0', () => {
    expect(guidanceBranches({ mode: 'joint', scale: 1 })).toEqual([
      { hint: 'features', context: 'prompt' },
    ]);
    expect(guidanceBranches({ mode: 'joint', scale: 0 })).toEqual([
      { hint: 'zero', context: 'null' },
    ]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses scale %d', (scale) => {
    expect(() => guidanceBranches({ mode: 'text', scale })).toThrow(InputError);
  });
});

describe('combineBranches', () => {
  it('extrapolates from the unconditional through the conditional prediction', () => {
    // 1 + 3 (2 - 1) = 4; 0 + 3 (-1 - 0) = -3
    const combined = combineBranches(3, [Float32Array.of(1, 0), Float32Array.of(2, -1)]);
    expect([...combined]).toEqual([4, -3]);
  });

  it('passes a single prediction through', () => {
    const only = Float32Array.of(5);
    expect(combineBranches(1, [only])).toBe(only);
  });

  it('refuses none', () => {
    expect(() => combineBranches(2, [])).toThrow(/no predictions/);
  });
});

describe('guidedNoise', () => {
  it('asks for all branches in one call', async () => {
    const calls: (readonly Branch[])[] = [];
    const predict: PredictBranches = async (x, t, branches, stepIndex) => {
      calls.push(branches);
      return branches.map(({ hint }) => x.map(() => (hint === 'zero' ? 1 : t + stepIndex)));
    };
    const noise = guidedNoise({ mode: 'joint', scale: 2 }, predict);
    expect([...(await noise(new Float32Array(2), 10, 1))]).toEqual([21, 21]);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toHaveLength(2);
  });
});

describe('parseGuidanceMode', () => {
  it('knows its modes and lists them otherwise', () => {
    expect(parseGuidanceMode('text')).toBe('text');
    expect(parseGuidanceMode('joint')).toBe('joint');
    expect(() => parseGuidanceMode('both')).toThrow(/give text or joint/);
  });
});
