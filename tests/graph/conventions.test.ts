/** What ops do where a derivative does not exist, and what derived functions compute. */
import { describe, expect, it } from 'vitest';
import * as g from '../../src/graph/index.js';
import type { Tensor } from '../../src/graph/index.js';
import { evaluate, type Feeds } from './interpreter.js';

/** dL/dx for L = Σ f(x), x given as values. */
function slopes(f: (x: Tensor) => Tensor, values: readonly number[], shape = [values.length]) {
  const x = g.input('x', shape);
  const [dx] = g.gradients(g.sum(f(x)), [x]);
  return Array.from(evaluate([dx!], { x: values })[0]!.data);
}

const valuesOf = (x: Tensor, feeds: Feeds = {}): number[] =>
  Array.from(evaluate([x], feeds)[0]!.data);

describe('at a kink', () => {
  it('relu and abs have the derivative 0 at 0', () => {
    expect(slopes(g.relu, [-1, 0, 2])).toEqual([0, 0, 1]);
    expect(slopes(g.abs, [-3, 0, 2])).toEqual([-1, 0, 1]);
  });

  it('sign is flat everywhere', () => {
    expect(slopes(g.sign, [-3, 0, 2])).toEqual([0, 0, 0]);
  });

  it('clamp is flat at and beyond its bounds', () => {
    expect(slopes((x) => g.clamp(x, -1, 2), [-2, -1, 0, 2, 3])).toEqual([0, 0, 1, 0, 0]);
  });

  it('maximum and minimum split a tie in halves', () => {
    const one = g.constant([1, 1, 1], [3]);
    expect(slopes((x) => g.maximum(x, one), [0, 1, 2])).toEqual([0, 0.5, 1]);
    expect(slopes((x) => g.minimum(one, x), [0, 1, 2])).toEqual([1, 0.5, 0]);
    expect(slopes((x) => g.maximum(x, x), [5])).toEqual([1]);
  });

  it('max shares its gradient among equals', () => {
    expect(slopes((x) => g.max(x, [1]), [1, 3, 3, 4, 0, 4], [2, 3])).toEqual([
      0, 0.5, 0.5, 0.5, 0, 0.5,
    ]);
  });

  it('a choice of the largest is locally constant: what it keeps has the slope 1, the rest 0', () => {
    const kept = (x: Tensor): Tensor => g.where(g.topKMask(x, 2), x, 0);
    expect(slopes(kept, [3, 1, 2, 2, 2, 0], [2, 3])).toEqual([1, 0, 1, 1, 1, 0]);
  });

  it('max pooling shares among equals of the image and nothing with the padding', () => {
    const pooled = (x: Tensor): Tensor => g.maxPool2d(x, 2, 2, 0);
    expect(slopes(pooled, [7, 1, 7, 7], [1, 1, 2, 2])).toEqual([1 / 3, 0, 1 / 3, 1 / 3]);
    const corners = (x: Tensor): Tensor => g.maxPool2d(x, 2, 2, 1);
    expect(slopes(corners, [0, 0, 0, 0], [1, 1, 2, 2])).toEqual([1, 1, 1, 1]);
  });
});

describe('gradients', () => {
  const x = g.input('x', [2]);

  it('are zero for what the loss does not depend on', () => {
    const other = g.input('other', [2, 3]);
    const [none] = g.gradients(g.sum(x), [other]);
    expect(none!.shape).toEqual([2, 3]);
    expect(valuesOf(none!)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('add up over all uses', () => {
    expect(slopes((v) => g.add(g.mul(v, v), g.mul(v, 3)), [2, -1])).toEqual([7, 1]);
  });

  it('reach values in between', () => {
    const square = g.mul(x, x);
    const [d] = g.gradients(g.sum(g.mul(square, 5)), [square]);
    expect(valuesOf(d!, { x: [1, 2] })).toEqual([5, 5]);
  });

  it('of the loss by itself are one', () => {
    const loss = g.sum(x);
    expect(valuesOf(g.gradients(loss, [loss])[0]!, { x: [1, 2] })).toEqual([1]);
  });

  it('do not pass masks', () => {
    const mask = (v: Tensor): Tensor => g.castFloat(g.greater(v, 0));
    expect(slopes(mask, [1, -1])).toEqual([0, 0]);
    expect(slopes((v) => g.mul(v, mask(v)), [1, -1])).toEqual([1, 0]);
  });

  it('can be differentiated again', () => {
    const [first] = g.gradients(g.sum(g.mul(g.mul(x, x), x)), [x]);
    const [second] = g.gradients(g.sum(first!), [x]);
    expect(valuesOf(second!, { x: [2, -1] })).toEqual([12, -6]);
  });

  it('of gradients refuse normalisation, whose statistics have no rule', () => {
    const loss = (v: Tensor): Tensor =>
      g.sum(g.mul(g.standardise(v, 1e-5), g.constant([1, 2], [2])));
    const [first] = g.gradients(loss(x), [x]);
    expect(() => g.gradients(g.sum(first!), [x])).toThrow(
      'gradients: mul uses output 2 of standardise, which carries no gradient; second derivatives of standardise are not available',
    );
  });

  it('need a loss of one float32 element', () => {
    expect(() => g.gradients(x, [x])).toThrow(
      'gradients: the loss must have one element, got shape [2]',
    );
    expect(() => g.gradients(g.greater(g.sum(x), 0), [x])).toThrow(
      'gradients: the loss must be float32, got bool',
    );
  });

  it('reach through deep graphs without recursion', () => {
    let deep: Tensor = x;
    for (let i = 0; i < 20000; i++) deep = g.add(deep, 1);
    expect(valuesOf(g.gradients(g.sum(deep), [x])[0]!)).toEqual([1, 1]);
  });
});

describe('derived functions', () => {
  const grid = g.constant([1, 2, 3, 4, 5, 6], [2, 3]);

  it('mean counts an axis named twice once', () => {
    expect(valuesOf(g.mean(grid, [1]))).toEqual([2, 5].map((v) => expect.closeTo(v, 6) as number));
    expect(valuesOf(g.mean(grid, [1, -1]))).toEqual(valuesOf(g.mean(grid, [1])));
  });

  it('sums over no axes change nothing', () => {
    expect(g.sum(grid, [])).toBe(grid);
    expect(g.mean(grid, []).shape).toEqual([2, 3]);
    expect(valuesOf(g.mean(grid, []))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('means of windows count the padding only when told to', () => {
    const image = g.reshape(grid, [1, 1, 2, 3]);
    const close = (values: number[]) => values.map((v) => expect.closeTo(v, 6) as number);
    const sums = [12, 21, 16, 12, 21, 16];
    const inside = [4, 6, 4, 4, 6, 4];
    const inner = g.averagePool2d(image, 3, 1, 1);
    expect(valuesOf(inner)).toEqual(close(sums.map((sum, i) => sum / inside[i]!)));
    const whole = g.averagePool2d(image, 3, 1, 1, { countPadding: true });
    expect(valuesOf(whole)).toEqual(close(sums.map((sum) => sum / 9)));
  });

  it('nearest neighbours repeat rows and columns', () => {
    const image = g.reshape(grid, [1, 1, 2, 3]);
    const top = [1, 1, 2, 2, 3, 3];
    const bottom = [4, 4, 5, 5, 6, 6];
    expect(valuesOf(g.upsampleNearest(image, 2))).toEqual([...top, ...top, ...bottom, ...bottom]);
  });

  it('patches go to channels row by row, and back', () => {
    const image = g.constant([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]);
    const patches = g.spaceToDepth(image, 2);
    expect(patches.shape).toEqual([1, 4, 1, 2]);
    expect(valuesOf(patches)).toEqual([1, 3, 2, 4, 5, 7, 6, 8]);
    expect(valuesOf(g.depthToSpace(patches, 2))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('zeros are put between neighbours only', () => {
    expect(valuesOf(g.insertZeros(g.constant([1, 2, 3], [3]), 0, 3))).toEqual([
      1, 0, 0, 2, 0, 0, 3,
    ]);
  });

  it('functions that change nothing return their operand', () => {
    expect(g.reshape(grid, [2, -1])).toBe(grid);
    expect(g.slice(grid, [{ axis: 0, start: 0, end: 2 }])).toBe(grid);
    expect(g.pad(grid, [0, 0], [0, 0])).toBe(grid);
    expect(g.broadcastTo(grid, [2, 3])).toBe(grid);
    expect(g.concat([grid], 0)).toBe(grid);
    expect(g.insertZeros(grid, 0, 1)).toBe(grid);
    expect(g.castFloat(grid)).toBe(grid);
  });

  it('softmax does not overflow', () => {
    expect(valuesOf(g.softmax(g.constant([1e4, 0], [2])))).toEqual([1, 0]);
  });
});
