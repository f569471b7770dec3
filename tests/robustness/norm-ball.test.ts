import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NORMS, projectOnBall, steepestStep, type Norm } from '../../src/robustness/norm-ball.js';

const measure: Record<Norm, (v: Float32Array) => number> = {
  linf: (v) => Math.max(...v.map(Math.abs)),
  l2: (v) => Math.hypot(...v),
};
const vector = fc
  .array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 })
  .map((values) => Float32Array.from(values));

describe.each(NORMS)('the ball of %s', (norm) => {
  it('takes in what lies outside and leaves the rest as it is', () => {
    fc.assert(
      fc.property(
        vector,
        fc.float({ min: Math.fround(0.01), max: 10, noNaN: true }),
        (v, radius) => {
          const projected = v.slice();
          projectOnBall(projected, radius, norm);
          expect(measure[norm](projected)).toBeLessThanOrEqual(radius * (1 + 1e-5));
          if (measure[norm](v) <= radius) expect(projected).toEqual(v);
        },
      ),
    );
  });

  it('steps by length 1, and along no other such step does the function rise faster', () => {
    fc.assert(
      fc.property(vector, vector, (gradient, other) => {
        const step = steepestStep(gradient, norm);
        const length = measure[norm](step);
        const isZero = gradient.every((value) => value === 0);
        expect(length).toBeCloseTo(isZero ? 0 : 1, 5);
        const size = measure[norm](other);
        if (size === 0) return;
        const along = (v: Float32Array, scale: number): number =>
          gradient.reduce((sum, g, i) => sum + (g * (v[i] ?? 0)) / scale, 0);
        expect(along(step, 1)).toBeGreaterThanOrEqual(along(other, size) - 1e-3);
      }),
    );
  });
});
