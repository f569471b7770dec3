import { float, int, ints, row, weight, type OpRow } from '../op-row.js';

const X = [2, 3, 4];
const x = { x: X } as const;

const shapes: OpRow[] = [
  row('Reshape', 'with 0 and -1', { ...x, operands: ['x', ints(0, -1)] }),
  row('Reshape', 'of known values', { operands: [weight(2, 6), ints(3, -1)] }),
  row('Flatten', 'x', { ...x, attributes: { axis: 2 } }),
  row('Flatten', 'all', { ...x, attributes: { axis: 0 } }),
  row('Squeeze', 'by an attribute', { x: [2, 1, 3, 1], opset: 11, attributes: { axes: [1] } }),
  row('Squeeze', 'by an operand', { x: [2, 1, 3, 1], operands: ['x', ints(-1)] }),
  row('Squeeze', 'all', { x: [2, 1, 3, 1] }),
  row('Unsqueeze', 'by an attribute', { ...x, opset: 11, attributes: { axes: [0, 4] } }),
  row('Unsqueeze', 'by an operand', { ...x, operands: ['x', ints(-1)] }),
  row('Transpose', 'x', { ...x, attributes: { perm: [1, 2, 0] } }),
  row('Transpose', 'all axes', x),
  row('Transpose', 'of known values', {
    operands: [weight(2, 3, 4)],
    attributes: { perm: [2, 0, 1] },
  }),
  row('Concat', 'x and a known value', {
    ...x,
    operands: ['x', weight(2, 1, 4)],
    attributes: { axis: 1 },
  }),
  row('Concat', 'of known values', {
    operands: [ints(1, 2), ints(3)],
    attributes: { axis: 0 },
  }),
  row('Concat', 'of known matrices', {
    operands: [weight(2, 1), weight(2, 3)],
    attributes: { axis: -1 },
  }),
  row('Shape', 'x', { ...x, opset: 13 }),
  row('Shape', 'from the end', { ...x, attributes: { start: -2 } }),
  row('Size', 'x', { ...x, opset: 13 }),
  row('Constant', 'a tensor', { operands: [], attributes: { value: { tensor: weight(2, 2) } } }),
  row('Constant', 'a number', { operands: [], attributes: { value_float: { float: 1.5 } } }),
  row('Constant', 'a whole number', { operands: [], attributes: { value_int: 4 } }),
  row('Constant', 'numbers', { operands: [], attributes: { value_floats: { floats: [1, 2.5] } } }),
  row('Constant', 'whole numbers', { operands: [], attributes: { value_ints: [3, 4] } }),
  row('ConstantOfShape', 'of zeros', { operands: [ints(2, 3)] }),
  row('ConstantOfShape', 'of a number', {
    operands: [ints(2, 3)],
    attributes: { value: { tensor: ints(7) } },
  }),
  row('Range', 'of whole numbers', { operands: [int(2), int(11), int(3)] }),
  row('Range', 'of fractions', { operands: [float(1), float(-0.5), float(-0.4)] }),
  row('Dropout', 'x', { ...x, opset: 11 }),
];

const parts: OpRow[] = [
  row('Slice', 'by attributes', {
    ...x,
    opset: 9,
    attributes: { starts: [1, 0], ends: [2, 100], axes: [1, 2] },
  }),
  row('Slice', 'with steps', {
    ...x,
    operands: ['x', ints(0, -3), ints(3, -1), ints(1, 2), ints(2, 1)],
  }),
  row('Slice', 'backwards', { ...x, operands: ['x', ints(-1), ints(-100), ints(2), ints(-2)] }),
  row('Slice', 'of known values', {
    operands: [ints(1, 2, 3, 4, 5), ints(3), ints(0), ints(0), ints(-2)],
  }),
  row('Split', 'equally', { ...x, opset: 13, attributes: { axis: 2 }, outputs: 2 }),
  row('Split', 'by an attribute', {
    ...x,
    opset: 11,
    attributes: { axis: 1, split: [1, 2] },
    outputs: 2,
  }),
  row('Split', 'by an operand', {
    ...x,
    operands: ['x', ints(3, 1)],
    attributes: { axis: -1 },
    outputs: 2,
  }),
  row('Split', 'unequally', {
    ...x,
    opset: 18,
    attributes: { axis: 1, num_outputs: 2 },
    outputs: 2,
  }),
  row('Split', 'of known values', { operands: [ints(1, 2, 3), ints(2, 1)], outputs: 2 }),
  row('Gather', 'several', { ...x, operands: ['x', ints(2, 0, 1, -1)], attributes: { axis: 1 } }),
  row('Gather', 'one', { ...x, operands: ['x', int(1)], attributes: { axis: 2 } }),
  row('Gather', 'of known values', { operands: [weight(3, 2), ints(2, 0)] }),
  row('Expand', 'x', { x: [3, 1], operands: ['x', ints(2, 1, 4)] }),
  row('Expand', 'of known values', { operands: [weight(3, 1), ints(2, 1, 2)] }),
  row('Tile', 'x', { ...x, operands: ['x', ints(1, 2, 3)] }),
  row('Pad', 'zeros', { ...x, operands: ['x', ints(0, 1, 2, 1, 0, 1)] }),
  row('Pad', 'by attributes', {
    ...x,
    opset: 9,
    attributes: { pads: [0, 0, 1, 0, 2, 1], value: { float: 1.5 } },
  }),
  row('Pad', 'cutting off', { ...x, operands: ['x', ints(0, -1, 1, 0, 1, -2), float(-2)] }),
  row('Pad', 'of some axes', { ...x, opset: 18, operands: ['x', ints(1, 2), float(3), ints(-1)] }),
  ...['reflect', 'edge'].map((mode) =>
    row('Pad', mode, { ...x, operands: ['x', ints(0, 1, 2, 0, 2, 3)], attributes: { mode } }),
  ),
  row('Pad', 'wrap', {
    ...x,
    opset: 19,
    operands: ['x', ints(0, 1, 2, 0, 2, 3)],
    attributes: { mode: 'wrap' },
  }),
];

export const shapeRows = [...shapes, ...parts];
