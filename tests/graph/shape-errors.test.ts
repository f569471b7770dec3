import { describe, expect, it } from 'vitest';
import * as g from '../../src/graph/index.js';
import { apply, applyOne } from '../../src/graph/op.js';
import { conv2dOp } from '../../src/graph/ops/conv-ops.js';

const t = (...shape: number[]): g.Tensor => g.input('x', shape);
const indices = g.constant(BigInt64Array.of(0n), [1]);

const cases: readonly (readonly [string, () => unknown])[] = [
  ['add([2,3], [4]): sizes 3 and 4 on axis 1 do not broadcast', () => g.add(t(2, 3), t(4))],
  ['mul([2], [1]): element types float32 and int64 differ', () => g.mul(t(2), indices)],
  [
    'where([2], [2], []): needs a bool mask and two operands of one element type',
    () => g.where(t(2), t(2), 0),
  ],
  ['topKMask([2,3]): cannot choose 4 of 3 elements', () => g.topKMask(t(2, 3), 4)],
  ['topKMask([1]): needs float32 values, got int64', () => g.topKMask(indices, 1)],
  ['matmul([2,3], [4,5]): inner sizes 3 and 4 differ', () => g.matmul(t(2, 3), t(4, 5))],
  [
    'matmul([3,2], [4,3]): inner sizes 3 and 4 differ',
    () => g.matmul(t(3, 2), t(4, 3), { transposeA: true }),
  ],
  ['matmul([3], [3,2]): both operands need at least two axes', () => g.matmul(t(3), t(3, 2))],
  [
    'matmul([2], [3]): sizes 2 and 3 on axis 0 do not broadcast',
    () => g.matmul(t(2, 1, 1), t(3, 1, 1)),
  ],
  [
    'scaledDotProductAttention([2,4,6], [2,3,4], [2,3,4]): keys and values must be [2,M,6] alike',
    () => g.scaledDotProductAttention(t(2, 4, 6), t(2, 3, 4), t(2, 3, 4), 2),
  ],
  [
    'scaledDotProductAttention([4,6], [4,6], [4,6]): needs tokens [N,L,C]',
    () => g.scaledDotProductAttention(t(4, 6), t(4, 6), t(4, 6), 2),
  ],
  [
    'conv2d([3,8,8], [4,3,3,3]): needs an image [N,C,H,W] and a weight [O,C,kh,kw]',
    () => g.conv2d(t(3, 8, 8), t(4, 3, 3, 3)),
  ],
  [
    'conv2d([1,3,8,8], [4,2,3,3]): the weight takes 2 channels in 1 group(s), the image has 3',
    () => g.conv2d(t(1, 3, 8, 8), t(4, 2, 3, 3)),
  ],
  [
    'conv2d([1,3,8,8], [4,3,3,3], [3]): the bias must have shape [4]',
    () => g.conv2d(t(1, 3, 8, 8), t(4, 3, 3, 3), { bias: t(3) }),
  ],
  [
    'conv2d([1,3,2,8], [4,3,3,3]): the kernel is larger than the image',
    () => g.conv2d(t(1, 3, 2, 8), t(4, 3, 3, 3)),
  ],
  [
    'conv2d([1,4,8,8], [3,2,3,3]): 3 output channels do not split into 2 groups',
    () => g.conv2d(t(1, 4, 8, 8), t(3, 2, 3, 3), { groups: 2 }),
  ],
  [
    'conv2d([1,1,4,4], [1,1,1,1]): stride [0,1] needs whole numbers from 1, padding [0,0,0,0] from 0',
    () =>
      applyOne(conv2dOp, [t(1, 1, 4, 4), t(1, 1, 1, 1)], {
        stride: [0, 1],
        padding: [0, 0, 0, 0],
        groups: 1,
      }),
  ],
  [
    'convTranspose2d([1,3,4,4], [2,3,4,4]): the weight takes 2 channels, the image has 3',
    () => g.convTranspose2d(t(1, 3, 4, 4), t(2, 3, 4, 4)),
  ],
  [
    'convTranspose2d([1,2,4,4], [2,3,2,2]): padding 2 exceeds kernel - 1',
    () => g.convTranspose2d(t(1, 2, 4, 4), t(2, 3, 2, 2), { padding: 2 }),
  ],
  ['maxPool2d([1,1,2,2]): a 3x3 window does not fit', () => g.maxPool2d(t(1, 1, 2, 2), 3, 1, 0)],
  [
    'averagePool2d([1,1,4,4]): padding 2 fills a 2x2 window',
    () => g.averagePool2d(t(1, 1, 4, 4), 2, 1, 2),
  ],
  ['maxPool2d([2,2]): a 2x2 window does not fit', () => g.maxPool2d(t(2, 2), 2, 1, 0)],
  [
    'depthToSpace([1,6,2,2]): 6 channels do not hold 2x2 blocks',
    () => g.depthToSpace(t(1, 6, 2, 2), 2),
  ],
  [
    'gatherRows([2,2], [3]): needs a table [rows, width] and int64 indices',
    () => g.gatherRows(t(2, 2), t(3)),
  ],
  ['sum([2,3]): axis 2 is outside -2..1', () => g.sum(t(2, 3), [2])],
  ['max([2,3]): axis -3 is outside -2..1', () => g.max(t(2, 3), [-3])],
  ['reshape([2,3]): 6 elements do not fill [4], which holds 4', () => g.reshape(t(2, 3), [4])],
  [
    'reshape([2,3]): [4,1.5] is not made of positive whole sizes',
    () => g.reshape(t(2, 3), [4, -1]),
  ],
  [
    'transpose([2,3]): axes [0,0] are not a permutation of its axes',
    () => g.transpose(t(2, 3), [0, 0]),
  ],
  [
    'slice([5]): range 2:7:1 does not fit axis 0',
    () => g.slice(t(5), [{ axis: 0, start: 2, end: 7 }]),
  ],
  [
    'slice([5]): range 3:3:1 does not fit axis 0',
    () => g.slice(t(5), [{ axis: 0, start: 3, end: 3 }]),
  ],
  ['split([2,5]): axis 1 of 5 does not split into 2 parts', () => g.split(t(2, 5), 2, 1)],
  ['pad([2,3]): needs 2 amounts, got [1] and [1]', () => g.pad(t(2, 3), [1], [1])],
  ['pad([2]): amounts [-1] and [0] must not be negative', () => g.pad(t(2), [-1], [0])],
  ['concat([2,3], [3,3]): shapes differ beyond axis 1', () => g.concat([t(2, 3), t(3, 3)], 1)],
  ['broadcastTo([2,3]): cannot be repeated to [2,4]', () => g.broadcastTo(t(2, 3), [2, 4])],
  ['reverse([2,3]): axis 2 is outside -2..1', () => apply(g.reverseOp, [t(2, 3)], { axes: [2] })],
  ['standardise([]): needs at least one axis', () => g.standardise(t(), 1e-5)],
  ['softmax([]): needs at least one axis', () => g.softmax(t())],
  ['input "x": shape [2,0] needs positive whole sizes, got 0', () => t(2, 0)],
  ['constant: 2 values do not fill shape [3], which holds 3', () => g.constant([1, 2], [3])],
  ['axis 2 does not exist in a tensor of shape [4]', () => t(4).dim(2)],
];

describe('a shape error names the op, the shapes and what is wrong:', () => {
  it.each(cases)('%s', (message, trace) => {
    expect(trace).toThrow(g.ShapeError);
    expect(trace).toThrow(new g.ShapeError(message));
  });
});
