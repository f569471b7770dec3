import { floats, ints, row, weight, type OpRow } from '../op-row.js';

const products: OpRow[] = [
  row('MatMul', 'of matrices', { x: [3, 4], operands: ['x', weight(4, 5)] }),
  row('MatMul', 'of batches and a matrix', { x: [2, 3, 4], operands: ['x', weight(4, 5)] }),
  row('MatMul', 'of batches', { x: [2, 3, 4], operands: [weight(2, 5, 3), 'x'] }),
  row('MatMul', 'with a column', { x: [2, 3, 4], operands: ['x', weight(4)] }),
  row('MatMul', 'with a row', { x: [2, 3, 4], operands: [weight(3), 'x'] }),
  row('com.microsoft.FusedMatMul', 'transposed and scaled', {
    x: [4, 3],
    operands: ['x', weight(5, 4)],
    attributes: { transA: 1, transB: 1, alpha: { float: 0.5 } },
  }),
  row('Gemm', 'with bias', { x: [3, 4], operands: ['x', weight(4, 5), weight(5)] }),
  row('Gemm', 'transposed and scaled', {
    x: [4, 3],
    operands: ['x', weight(5, 4), weight(3, 1)],
    attributes: { transA: 1, transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } },
  }),
];

const IMAGE = [2, 4, 5, 3];
const perChannel = [weight(4), weight(4)] as const;

const normalisations: OpRow[] = [
  row('BatchNormalization', 'x', {
    x: IMAGE,
    operands: ['x', ...perChannel, floats([0.1, 0.2, -0.3, 0]), weight(4)],
    attributes: { epsilon: { float: 1e-3 } },
  }),
  row('LayerNormalization', 'last axis', { x: [2, 3, 6], operands: ['x', weight(6), weight(6)] }),
  row('LayerNormalization', 'two axes, no shift', {
    x: [2, 3, 6],
    operands: ['x', weight(3, 6)],
    attributes: { axis: 1, epsilon: { float: 1e-2 } },
  }),
  row('InstanceNormalization', 'x', { x: IMAGE, operands: ['x', ...perChannel] }),
  row('GroupNormalization', 'of version 21', {
    x: IMAGE,
    opset: 21,
    operands: ['x', ...perChannel],
    attributes: { num_groups: 2 },
  }),
  row('GroupNormalization', 'of version 18, one scale a group', {
    x: IMAGE,
    opset: 18,
    operands: ['x', weight(2), weight(2)],
    attributes: { num_groups: 2 },
  }),
  ...['Softmax', 'LogSoftmax'].flatMap((op) => [
    row(op, 'last axis', { x: [2, 3, 5] }),
    row(op, 'middle axis', { x: [2, 3, 5], attributes: { axis: 1 } }),
    row(op, 'all from an axis on, before version 13', { x: [2, 3, 5], opset: 11 }),
  ]),
];

const REDUCTIONS = ['Mean', 'Sum', 'Max', 'Min', 'L1', 'L2', 'SumSquare'];

const reductions: OpRow[] = [
  ...REDUCTIONS.flatMap((kind) => {
    const distinct = { x: [2, 3, 4], domain: 'distinct' } as const;
    return [
      row(`Reduce${kind}`, 'axes as an attribute', {
        ...distinct,
        opset: 11,
        attributes: { axes: [0, -1], keepdims: 0 },
      }),
      row(`Reduce${kind}`, 'axes as an operand', {
        ...distinct,
        opset: 18,
        operands: ['x', ints(1)],
      }),
      row(`Reduce${kind}`, 'all axes', { x: [1, 2, 3], domain: 'positive', opset: 18 }),
    ];
  }),
  ...['Mean', 'Sum', 'Max', 'Min', 'Prod'].map((kind) =>
    row(`Reduce${kind}`, 'of known numbers', {
      operands: [weight(2, 3, 2)],
      attributes: kind === 'Sum' ? { keepdims: 0 } : { axes: [1], keepdims: 0 },
    }),
  ),
  row('ReduceSum', 'of nothing', {
    x: [2, 3],
    operands: ['x', ints()],
    attributes: { noop_with_empty_axes: 1 },
  }),
];

export const linearAndNormRows = [...products, ...normalisations, ...reductions];
