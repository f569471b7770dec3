import { floats, ints, row, weight, type OpRow } from '../op-row.js';

const IMAGE = [2, 4, 7, 6];
const image = { x: IMAGE } as const;
const distinct = { x: IMAGE, domain: 'distinct' } as const;

const convolutions: OpRow[] = [
  row('Conv', 'with bias', { ...image, operands: ['x', weight(3, 4, 3, 3), weight(3)] }),
  row('Conv', 'in groups, dilated, with uneven padding', {
    ...image,
    operands: ['x', weight(6, 2, 3, 2)],
    attributes: { group: 2, dilations: [2, 1], pads: [2, 0, 1, 1], strides: [2, 2] },
  }),
  row('Conv', 'with different steps', {
    ...image,
    operands: ['x', weight(2, 4, 1, 3)],
    attributes: { strides: [1, 2], pads: [0, 1, 0, 1] },
  }),
  ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].map((mode) =>
    row('Conv', mode, {
      ...image,
      operands: ['x', weight(2, 4, 2, 3)],
      attributes: { auto_pad: mode, strides: [2, 2] },
    }),
  ),
];

const pools: OpRow[] = [
  ...['MaxPool', 'AveragePool'].flatMap((op) => [
    row(op, 'plain', { ...distinct, attributes: { kernel_shape: [2, 2], strides: [2, 2] } }),
    row(op, 'with uneven padding', {
      ...distinct,
      attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 2, 1] },
    }),
    row(op, 'with incomplete windows', {
      ...distinct,
      attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
    }),
    row(op, 'with padding and incomplete windows', {
      ...distinct,
      attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
    }),
    row(op, 'padded as TensorFlow does', {
      ...distinct,
      attributes: { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' },
    }),
  ]),
  row('AveragePool', 'where padding counts', {
    ...image,
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 },
  }),
  row('AveragePool', 'of everything', { ...image, attributes: { kernel_shape: [7, 6] } }),
  row('GlobalAveragePool', 'x', image),
  row('GlobalMaxPool', 'x', distinct),
];

const scaled = (...scales: number[]) => floats([1, 1, ...scales]);

const resizes: OpRow[] = [
  ...['half_pixel', 'pytorch_half_pixel', 'asymmetric', 'align_corners'].flatMap((places) =>
    ['linear', 'cubic', 'nearest'].map((mode) =>
      row('Resize', `${mode}, ${places}, to sizes`, {
        ...image,
        operands: ['x', '', '', ints(2, 4, 10, 4)],
        attributes: { mode, coordinate_transformation_mode: places },
      }),
    ),
  ),
  ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map((rule) =>
    row('Resize', `nearest by ${rule}`, {
      ...image,
      operands: ['x', '', scaled(1.5, 2.5)],
      attributes: { nearest_mode: rule, coordinate_transformation_mode: 'asymmetric' },
    }),
  ),
  row('Resize', 'twice as large', { ...image, opset: 13, operands: ['x', '', scaled(2, 3)] }),
  row('Resize', 'of some axes', {
    ...image,
    opset: 18,
    operands: ['x', '', '', ints(5, 9)],
    attributes: { mode: 'linear', axes: [2, 3] },
  }),
  row('Resize', 'of version 10', {
    ...image,
    opset: 10,
    operands: ['x', scaled(2, 1.5)],
    attributes: { mode: 'linear' },
  }),
  row('Upsample', 'of version 9', { ...image, opset: 9, operands: ['x', scaled(2, 2)] }),
  row('Upsample', 'of version 7', {
    ...image,
    opset: 7,
    attributes: { mode: 'nearest', scales: { floats: [1, 1, 2, 3] } },
  }),
  row('DepthToSpace', 'depth first', { x: [2, 8, 3, 2], attributes: { blocksize: 2 } }),
  row('DepthToSpace', 'columns first', {
    x: [2, 8, 3, 2],
    attributes: { blocksize: 2, mode: 'CRD' },
  }),
  row('SpaceToDepth', 'x', { x: [2, 3, 4, 6], attributes: { blocksize: 2 } }),
];

export const imageRows = [...convolutions, ...pools, ...resizes];
