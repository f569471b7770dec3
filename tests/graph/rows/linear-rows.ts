import * as g from '../../../src/graph/index.js';
import { applyOne } from '../../../src/graph/op.js';
import { conv2dOp, type ConvAttributes } from '../../../src/graph/ops/conv-ops.js';
import { Random } from '../../../src/random.js';
import { rows, type Row } from './row.js';

const conv = (
  image: g.Shape,
  weight: g.Shape,
  out: g.Shape,
  options: g.ConvOptions & { withBias?: boolean } = {},
): Omit<Row, 'op' | 'name'> => {
  const { withBias = false, ...rest } = options;
  return {
    shapes: withBias ? [image, weight, [weight[0]!]] : [image, weight],
    build: (x, w, bias) => g.conv2d(x, w, { bias, ...rest }),
    out,
  };
};

/** Strides that differ by axis: no layer needs them, the rules hold all the same. */
const convWith = (
  image: g.Shape,
  weight: g.Shape,
  out: g.Shape,
  attributes: ConvAttributes,
): Omit<Row, 'op' | 'name'> => ({
  shapes: [image, weight],
  build: (x, w) => applyOne(conv2dOp, [x, w], attributes),
  out,
});

const transposed = (
  image: g.Shape,
  weight: g.Shape,
  out: g.Shape,
  options: { stride?: number; padding?: number } = {},
): Omit<Row, 'op' | 'name'> => ({
  shapes: [image, weight, [weight[1]!]],
  build: (x, w, bias) => g.convTranspose2d(x, w, { bias, ...options }),
  out,
});

const attention = (query: g.Shape, context: g.Shape, heads: number): Omit<Row, 'op' | 'name'> => ({
  shapes: [query, context, context],
  build: (q, k, v) => g.scaledDotProductAttention(q, k, v, heads),
  out: query,
});

const inEightBits = (
  image: g.Shape,
  weight: g.Shape,
  out: g.Shape,
  attributes: Partial<ConvAttributes> = {},
): Omit<Row, 'op' | 'name'> => ({
  shapes: [image, [weight[0]!]],
  build: (x, bias) =>
    g.quantisedConv2d([x, drawn(weight), bias], {
      ...{ stride: [1, 1], padding: [0, 0, 0, 0], groups: 1 },
      ...attributes,
    }),
  out,
});

/** A weight of normal values: those in 8 bits are known when the graph is emitted. */
const drawn = (shape: g.Shape): g.Tensor =>
  g.constant(new Random('weight').fillNormal(new Float32Array(g.sizeOf(shape))), shape);

export const linearRows: readonly Row[] = [
  ...rows('quantisedMatmul', {
    'values of both signs': {
      shapes: [[5, 6]],
      build: (x) => g.quantisedMatmul(x, drawn([3, 6])),
      out: [5, 3],
    },
    'positive values': {
      shapes: [[4, 3]],
      build: (x) => g.quantisedMatmul(x, drawn([2, 3])),
      out: [4, 2],
      domain: 'positive',
    },
    'an output channel of zeros': {
      shapes: [[2, 3]],
      build: (x) => g.quantisedMatmul(x, g.constant([1, 2, 3, 0, 0, 0], [2, 3])),
      out: [2, 2],
    },
  }),
  ...rows('quantisedConv2d', {
    '3x3': inEightBits([2, 3, 4, 5], [2, 3, 3, 3], [2, 2, 4, 5], { padding: [1, 1, 1, 1] }),
    '1x1': inEightBits([2, 3, 2, 3], [4, 3, 1, 1], [2, 4, 2, 3]),
    'stride 2': inEightBits([1, 2, 5, 4], [3, 2, 3, 3], [1, 3, 3, 2], {
      stride: [2, 2],
      padding: [1, 1, 1, 1],
    }),
    '1x1 with stride 2': inEightBits([1, 2, 3, 5], [2, 2, 1, 1], [1, 2, 2, 3], { stride: [2, 2] }),
    'padded below and to the right': inEightBits([1, 2, 3, 3], [2, 2, 2, 2], [1, 2, 3, 3], {
      padding: [0, 0, 1, 1],
    }),
  }),
  ...rows('scaledDotProductAttention', {
    'among its own tokens': attention([2, 5, 6], [2, 5, 6], 2),
    'to fewer tokens': attention([2, 4, 6], [2, 3, 6], 3),
    'one head': attention([1, 3, 4], [1, 7, 4], 1),
    'one token': attention([2, 1, 4], [2, 1, 4], 2),
    'of one tensor with itself': {
      shapes: [[2, 4, 4]],
      build: (x) => g.scaledDotProductAttention(x, x, x, 2),
      out: [2, 4, 4],
    },
  }),
  ...rows('conv2d', {
    '3x3': conv([2, 2, 3, 4], [2, 2, 3, 3], [2, 2, 3, 4], { padding: 1, withBias: true }),
    '3x3 without padding': conv([1, 2, 4, 3], [3, 2, 3, 3], [1, 3, 2, 1]),
    '3x3 padded on one side each': conv([1, 2, 4, 5], [2, 2, 3, 3], [1, 2, 5, 6], {
      padding: [0, 2, 3, 1],
    }),
    '1x1': conv([2, 3, 2, 3], [4, 3, 1, 1], [2, 4, 2, 3], { withBias: true }),
    '1x1 on one pixel': conv([2, 3, 1, 1], [2, 3, 1, 1], [2, 2, 1, 1]),
    '3x3 on one pixel': conv([1, 2, 1, 1], [2, 2, 3, 3], [1, 2, 1, 1], { padding: 1 }),
    '1x3': conv([1, 2, 3, 4], [2, 2, 1, 3], [1, 2, 3, 4], { padding: [0, 1, 0, 1] }),
    '3x1': conv([1, 2, 3, 4], [2, 2, 3, 1], [1, 2, 3, 4], { padding: [1, 0, 1, 0] }),
    '2x2': conv([1, 2, 3, 4], [2, 2, 2, 2], [1, 2, 2, 3]),
    'as large as the image': conv([2, 2, 3, 2], [2, 2, 3, 2], [2, 2, 1, 1]),
    'padded beyond the kernel': conv([1, 1, 2, 3], [2, 1, 2, 2], [1, 2, 7, 8], { padding: 3 }),
    'stride 2': conv([1, 2, 5, 4], [3, 2, 3, 3], [1, 3, 3, 2], {
      stride: 2,
      padding: 1,
      withBias: true,
    }),
    'stride 2 padded after': conv([1, 2, 4, 6], [2, 2, 3, 3], [1, 2, 2, 3], {
      stride: 2,
      padding: [0, 0, 1, 1],
    }),
    'stride 3 that leaves a rest': conv([1, 1, 6, 8], [2, 1, 2, 2], [1, 2, 2, 3], { stride: 3 }),
    '1x1 with padding': conv([2, 2, 2, 3], [3, 2, 1, 1], [2, 3, 5, 6], {
      padding: [1, 2, 2, 1],
      withBias: true,
    }),
    '1x1 with padding on two sides': conv([1, 2, 2, 3], [3, 2, 1, 1], [1, 3, 3, 5], {
      padding: [0, 0, 1, 2],
    }),
    'stride 2 of 1x1': conv([1, 2, 4, 5], [2, 2, 1, 1], [1, 2, 2, 3], { stride: 2 }),
    'stride 2 of 1x1 into the padding': conv([1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 2, 2], {
      stride: 2,
      padding: 1,
    }),
    '4x4 patches': conv([1, 2, 8, 4], [3, 2, 4, 4], [1, 3, 2, 1], { stride: 4 }),
    'strides that differ': convWith([1, 2, 5, 6], [2, 2, 3, 2], [1, 2, 3, 2], {
      stride: [2, 3],
      padding: [1, 0, 1, 0],
      groups: 1,
    }),
    'two groups': conv([1, 4, 2, 3], [6, 2, 3, 3], [1, 6, 2, 3], {
      padding: 1,
      groups: 2,
      withBias: true,
    }),
    'two groups with stride 2': conv([1, 4, 4, 4], [2, 2, 3, 3], [1, 2, 2, 2], {
      padding: 1,
      stride: 2,
      groups: 2,
    }),
    'more channels than positions': conv([2, 2, 2, 2], [9, 2, 3, 3], [2, 9, 2, 2], {
      padding: 1,
      withBias: true,
    }),
    'more channels than positions, padded on one side each': conv(
      [1, 2, 3, 2],
      [14, 2, 3, 2],
      [1, 14, 4, 3],
      { padding: [0, 2, 3, 0] },
    ),
    'more channels than positions, without padding': conv([1, 2, 3, 3], [5, 2, 2, 2], [1, 5, 2, 2]),
    'more channels than positions, 1x1': conv([1, 2, 1, 2], [3, 2, 1, 1], [1, 3, 1, 2]),
    'more channels than positions, padded beyond the kernel': conv(
      [1, 1, 1, 2],
      [43, 1, 2, 2],
      [1, 43, 6, 7],
      { padding: 3 },
    ),
    depthwise: conv([2, 3, 4, 3], [3, 1, 3, 3], [2, 3, 4, 3], { padding: 1, groups: 3 }),
    'depthwise with stride 2 padded after': conv([1, 3, 4, 6], [3, 1, 3, 3], [1, 3, 2, 3], {
      padding: [0, 0, 1, 1],
      stride: 2,
      groups: 3,
    }),
    'depthwise with a multiplier': conv([1, 2, 3, 3], [4, 1, 3, 3], [1, 4, 3, 3], {
      padding: 1,
      groups: 2,
    }),
    'average pooling': {
      shapes: [[1, 2, 4, 6]],
      build: (x) => g.averagePool2d(x, 2, 2, 0),
      out: [1, 2, 2, 3],
    },
    'average pooling beside the padding': {
      shapes: [[2, 3, 4, 3]],
      build: (x) => g.averagePool2d(x, 3, 1, 1),
      out: [2, 3, 4, 3],
    },
    'average pooling with the padding': {
      shapes: [[1, 2, 5, 4]],
      build: (x) => g.averagePool2d(x, 3, 2, 1, { countPadding: true }),
      out: [1, 2, 3, 2],
    },
    'average pooling padded unevenly': {
      shapes: [[1, 2, 5, 4]],
      build: (x) => g.averagePool2d(x, 3, 2, [1, 0, 2, 1]),
      out: [1, 2, 3, 2],
    },
    'transposed, stride 2': transposed([1, 2, 3, 2], [2, 3, 4, 4], [1, 3, 6, 4], {
      stride: 2,
      padding: 1,
    }),
    'transposed, stride 1': transposed([2, 2, 2, 3], [2, 1, 3, 2], [2, 1, 4, 4]),
    'transposed, stride 3 with gaps': transposed([1, 1, 2, 2], [1, 2, 2, 2], [1, 2, 5, 5], {
      stride: 3,
    }),
  }),

  ...rows('matmul', {
    matrices: {
      shapes: [
        [2, 3],
        [3, 4],
      ],
      build: (a, b) => g.matmul(a, b),
      out: [2, 4],
    },
    'Aᵀ B': {
      shapes: [
        [3, 2],
        [3, 4],
      ],
      build: (a, b) => g.matmul(a, b, { transposeA: true }),
      out: [2, 4],
    },
    'A Bᵀ': {
      shapes: [
        [2, 3],
        [4, 3],
      ],
      build: (a, b) => g.matmul(a, b, { transposeB: true }),
      out: [2, 4],
    },
    'Aᵀ Bᵀ': {
      shapes: [
        [3, 2],
        [4, 3],
      ],
      build: (a, b) => g.matmul(a, b, { transposeA: true, transposeB: true }),
      out: [2, 4],
    },
    batches: {
      shapes: [
        [2, 2, 3, 2],
        [2, 2, 2, 3],
      ],
      build: (a, b) => g.matmul(a, b),
      out: [2, 2, 3, 3],
    },
    'batches of A Bᵀ': {
      shapes: [
        [2, 2, 3, 2],
        [2, 2, 4, 2],
      ],
      build: (a, b) => g.matmul(a, b, { transposeB: true }),
      out: [2, 2, 3, 4],
    },
    'a matrix for every batch': {
      shapes: [
        [2, 3, 2],
        [2, 4],
      ],
      build: (a, b) => g.matmul(a, b),
      out: [2, 3, 4],
    },
    'a matrix from the left': {
      shapes: [
        [3, 2],
        [2, 2, 4],
      ],
      build: (a, b) => g.matmul(a, b),
      out: [2, 3, 4],
    },
    'Aᵀ B with A repeated': {
      shapes: [
        [2, 3],
        [4, 2, 2],
      ],
      build: (a, b) => g.matmul(a, b, { transposeA: true }),
      out: [4, 3, 2],
    },
    'A Bᵀ with B repeated': {
      shapes: [
        [4, 2, 3],
        [2, 3],
      ],
      build: (a, b) => g.matmul(a, b, { transposeB: true }),
      out: [4, 2, 2],
    },
    'Aᵀ Bᵀ with both repeated': {
      shapes: [
        [2, 1, 2, 3],
        [3, 4, 2],
      ],
      build: (a, b) => g.matmul(a, b, { transposeA: true, transposeB: true }),
      out: [2, 3, 3, 4],
    },
    'one position': {
      shapes: [
        [1, 1],
        [1, 1],
      ],
      build: (a, b) => g.matmul(a, b),
      out: [1, 1],
    },
    'a matrix by itself': {
      shapes: [[2, 3]],
      build: (a) => g.matmul(a, a, { transposeB: true }),
      out: [2, 2],
    },
    'bilinear, larger': {
      shapes: [[1, 2, 2, 3]],
      build: (x) => g.resizeBilinear(x, 5, 4),
      out: [1, 2, 5, 4],
    },
    'bilinear, smaller': {
      shapes: [[1, 1, 5, 4]],
      build: (x) => g.resizeBilinear(x, 2, 3),
      out: [1, 1, 2, 3],
    },
  }),
];
