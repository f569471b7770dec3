/**
 * Products and convolutions in 8 bits, by weights that never change. The largest weight of an output channel becomes
 * 127; the operand is spread over 0 to 255 from its least to its largest value in each run. Sums are exact.
 */
import { applyOne, shapeError, type Emitter, type OnnxAttribute, type Op } from '../op.js';
import type { Tensor, TensorType } from '../tensor.js';
import { FLOAT } from './cast-ops.js';
import { conv2dOp, type ConvAttributes } from './conv-ops.js';

/** Operand [rows, C] and weight [O, C], a leaf of any float type. */
export const quantisedMatmulOp: Op<Record<string, never>> = {
  name: 'quantisedMatmul',
  infer: (inputs) => {
    const [x, weight] = inputs as readonly [TensorType, TensorType];
    if (x.shape.length !== 2 || weight.shape.length !== 2 || x.shape[1] !== weight.shape[1]) {
      throw shapeError('quantisedMatmul', inputs, 'needs an operand [rows,C] and a weight [O,C]');
    }
    return [{ shape: [x.shape[0]!, weight.shape[0]!], dtype: x.dtype }];
  },
  gradient: 'not differentiable',
  emit: (e) => {
    const step = stepsOf(e);
    const { values, scales } = e.quantised(1);
    const columns = step('Transpose', [values], { perm: [1, 0] });
    const [type, ...rest] = emitProduct(step, emitOperand(e), columns, scales);
    e.node(type, ...rest);
  },
};

/** Operands as of `conv2d` in one group, the weight a leaf: what lies around a pixel is a row of one product. */
export const quantisedConvOp: Op<ConvAttributes> = {
  name: 'quantisedConv2d',
  infer: (inputs, attributes) => conv2dOp.infer(inputs, attributes),
  gradient: 'not differentiable',
  emit: (e, attributes) => {
    const step = stepsOf(e);
    const [o, c, kh, kw] = e.inputTypes[1]!.shape as readonly [number, number, number, number];
    const [n, , oh, ow] = e.outputTypes[0]!.shape as readonly [number, number, number, number];
    const { values, scales } = e.quantised(1);
    const taps = step('Transpose', [values], { perm: [2, 3, 1, 0] });
    const columns = step('Reshape', [taps, e.int64([kh * kw * c, o])]);
    const operand = emitOperand(e);
    const around = emitNeighbourhoods(e, operand, attributes);
    const rows = step('Reshape', [around, e.int64([n * oh * ow, kh * kw * c])]);
    const product = step(...emitProduct(step, { ...operand, values: rows }, columns, scales));
    const bias = e.inputs[2];
    const biased = bias === undefined ? product : step('Add', [product, bias]);
    const pixels = step('Reshape', [biased, e.int64([n, oh, ow, o])]);
    e.node('Transpose', [pixels], { perm: [0, 3, 1, 2] });
  },
};

type NodeArguments = [
  type: string,
  inputs: readonly string[],
  attributes?: Readonly<Record<string, OnnxAttribute>>,
];

/** Adds a node between the op's operands and its result. */
type Step = (...node: NodeArguments) => string;

const stepsOf =
  (e: Emitter): Step =>
  (type, inputs, attributes = {}) => {
    const output = e.temporary();
    e.node(type, inputs, attributes, { outputs: [output] });
    return output;
  };

/** 8-bit values, with what makes numbers of them: (value - zero) · scale. */
interface Operand {
  readonly values: string;
  readonly scale: string;
  readonly zero: string;
}

function emitOperand(e: Emitter): Operand {
  const [values, scale, zero] = [e.temporary(), e.temporary(), e.temporary()];
  e.node('DynamicQuantizeLinear', [e.inputs[0]!], {}, { outputs: [values, scale, zero] });
  return { values, scale, zero };
}

/** The last node of a product with columns [C, O]: ONNX Runtime fuses the chain into one kernel. */
function emitProduct(step: Step, x: Operand, columns: string, scales: string): NodeArguments {
  const sums = step('MatMulInteger', [x.values, columns, x.zero]);
  return ['Mul', [step('Cast', [sums], { to: FLOAT }), step('Mul', [x.scale, scales])]];
}

/** The values under each place of the kernel, channels last: [N, oh, ow, kh · kw · C]. */
function emitNeighbourhoods(
  e: Emitter,
  { values, zero }: Operand,
  { stride, padding }: ConvAttributes,
): string {
  const step = stepsOf(e);
  const [kh, kw] = e.inputTypes[1]!.shape.slice(2) as [number, number];
  const [oh, ow] = e.outputTypes[0]!.shape.slice(2) as [number, number];
  const [top, left, bottom, right] = padding;
  const last = step('Transpose', [values], { perm: [0, 2, 3, 1] });
  const amounts = e.int64([0, top, left, 0, 0, bottom, right, 0]);
  const isPadded = padding.some((amount) => amount > 0);
  const padded = isPadded ? step('Pad', [last, amounts, zero]) : last;
  if (kh * kw * stride[0] * stride[1] === 1) return padded;
  const taps: string[] = [];
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const ends = [i + (oh - 1) * stride[0] + 1, j + (ow - 1) * stride[1] + 1];
      const ranges = [[i, j], ends, [1, 2], stride].map((each) => e.int64(each));
      taps.push(step('Slice', [padded, ...ranges]));
    }
  }
  return step('Concat', taps, { axis: 3 });
}

/** x [rows, C] times the transposed of a leaf [O, C]. */
export function quantisedMatmul(x: Tensor, weight: Tensor): Tensor {
  return applyOne(quantisedMatmulOp, [x, weight], {});
}

/** `conv2d` in one group by a weight that is a leaf. */
export function quantisedConv2d(operands: readonly Tensor[], attributes: ConvAttributes): Tensor {
  return applyOne(quantisedConvOp, operands, attributes);
}
