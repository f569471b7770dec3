import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as g from '../../src/graph/index.js';
import type { Shape, Tensor } from '../../src/graph/index.js';
import { waves } from '../nn/waves.js';
import { evaluate } from './interpreter.js';

const shape = (ranks: { minLength: number; maxLength: number }) =>
  fc.array(fc.integer({ min: 1, max: 4 }), ranks);

/** A shape that broadcasts with the given one: leading axes dropped, others set to 1. */
const narrowed = (full: Shape) =>
  fc
    .tuple(
      fc.integer({ min: 0, max: full.length }),
      fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length }),
    )
    .map(([dropped, kept]) => full.map((size, i) => (kept[i] ? size : 1)).slice(dropped));

const broadcastPair = shape({ minLength: 0, maxLength: 4 }).chain((full) =>
  fc.tuple(narrowed(full), narrowed(full)),
);

/** NumPy's rule, axis by axis from the end. */
function expectedShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => Math.max(a.at(i - rank) ?? 1, b.at(i - rank) ?? 1));
}

/** <A x, y> and <x, A' y>, where A' is what the gradient of A says. */
function bothProducts(map: (x: Tensor) => Tensor, from: Shape): [number, number] {
  const x = g.input('x', from);
  const image = map(x);
  const y = g.constant(waves('y', image.shape), image.shape);
  const [back] = g.gradients(g.sum(g.mul(image, y)), [x]);
  const products = [g.sum(g.mul(image, y)), g.sum(g.mul(x, back!))];
  const [left, right] = evaluate(products, { x: waves('x', from) });
  return [left!.data[0]!, right!.data[0]!];
}

function expectAdjoint(map: (x: Tensor) => Tensor, from: Shape): void {
  const [left, right] = bothProducts(map, from);
  expect(right).toBeCloseTo(left, 9);
}

describe('broadcasting', () => {
  it('follows NumPy for any two shapes that fit', () => {
    fc.assert(
      fc.property(broadcastPair, ([a, b]) => {
        const result = g.add(g.input('a', a), g.input('b', b));
        expect(result.shape).toEqual(expectedShape(a, b));
      }),
    );
  });

  it('gives gradients the shapes of their operands', () => {
    fc.assert(
      fc.property(broadcastPair, ([a, b]) => {
        const operands = [g.input('a', a), g.input('b', b)] as const;
        const parts = g.gradients(g.sum(g.mul(...operands)), operands);
        expect(parts.map((part) => part.shape)).toEqual([a, b]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a linear op and its gradient are adjoint', () => {
  const options = { numRuns: 60 };

  it('slice', () => {
    const ranges = shape({ minLength: 1, maxLength: 3 }).chain((sizes) =>
      fc.tuple(
        fc.constant(sizes),
        fc.tuple(
          ...sizes.map((size, axis) =>
            fc
              .tuple(fc.nat(size - 1), fc.nat(size - 1), fc.integer({ min: 1, max: 3 }))
              .map(([a, b, step]) => ({
                axis,
                start: Math.min(a, b),
                end: Math.max(a, b) + 1,
                step,
              })),
          ),
        ),
      ),
    );
    fc.assert(
      fc.property(ranges, ([sizes, taken]) => expectAdjoint((x) => g.slice(x, taken), sizes)),
      options,
    );
  });

  it('pad', () => {
    const amounts = shape({ minLength: 1, maxLength: 3 }).chain((sizes) => {
      const each = fc.array(fc.nat(2), { minLength: sizes.length, maxLength: sizes.length });
      return fc.tuple(fc.constant(sizes), each, each);
    });
    fc.assert(
      fc.property(amounts, ([sizes, before, after]) =>
        expectAdjoint((x) => g.pad(x, before, after), sizes),
      ),
      options,
    );
  });

  it('convolution, for any size, kernel, stride, padding and number of groups', () => {
    const size = fc.integer({ min: 1, max: 5 });
    const kernel = fc.integer({ min: 1, max: 3 });
    const some = fc.record({
      height: size,
      width: size,
      kh: kernel,
      kw: kernel,
      groups: fc.integer({ min: 1, max: 2 }),
      stride: fc.integer({ min: 1, max: 3 }),
      padding: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)),
    });
    fc.assert(
      fc.property(some, ({ height, width, kh, kw, groups, stride, padding }) => {
        const [top, left, bottom, right] = padding;
        fc.pre(height + top + bottom >= kh && width + left + right >= kw);
        const image = [1, 2, height, width];
        const weight = [2, 2 / groups, kh, kw];
        const convolve = (x: Tensor, w: Tensor): Tensor =>
          g.conv2d(x, w, { stride, padding, groups });
        expectAdjoint((x) => convolve(x, g.constant(waves('w', weight), weight)), image);
        expectAdjoint((w) => convolve(g.constant(waves('x', image), image), w), weight);
      }),
      { numRuns: 100 },
    );
  });
});
