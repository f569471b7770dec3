/** Reductions over axes: sum, mean, max. */
import { applyOne, resolveAxis, type Op } from '../op.js';
import type { Tensor, TensorType } from '../tensor.js';
import { div, equal, mul } from './binary-ops.js';
import { castFloat } from './cast-ops.js';
import { broadcastTo, reshape } from './shape-ops.js';

interface ReduceAttributes {
  /** Non-negative, ascending. Reduced axes stay with size 1. */
  readonly axes: readonly number[];
}

const inferReduced = ([x]: readonly TensorType[], { axes }: ReduceAttributes): TensorType[] => [
  { shape: x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)), dtype: x!.dtype },
];

export const sumOp: Op<ReduceAttributes> = {
  name: 'sum',
  infer: inferReduced,
  gradient: ({ inputs, gradient }) => [broadcastTo(gradient, inputs[0]!.shape)],
  emit: (e, { axes }) => e.node('ReduceSum', [e.inputs[0]!, e.int64(axes)], { keepdims: 1 }),
};

export const maxOp: Op<ReduceAttributes> = {
  name: 'max',
  infer: inferReduced,
  // Ties share the gradient equally.
  gradient: ({ inputs, outputs, gradient, attributes: { axes } }) => {
    const hits = castFloat(equal(inputs[0]!, outputs[0]!));
    const count = applyOne(sumOp, [hits], { axes });
    return [mul(hits, div(gradient, count))];
  },
  emit: (e, { axes }) => e.node('ReduceMax', [e.inputs[0]!, e.int64(axes)], { keepdims: 1 }),
};

function reduce(
  op: Op<ReduceAttributes>,
  x: Tensor,
  axes: readonly number[] | undefined,
  keepDims: boolean,
): Tensor {
  const sorted = reducedAxes(op.name, x, axes);
  // ONNX takes an empty list of axes for all of them.
  if (sorted.length === 0) return x;
  const kept = applyOne(op, [x], { axes: sorted });
  return keepDims
    ? kept
    : reshape(
        kept,
        x.shape.filter((_, axis) => !sorted.includes(axis)),
      );
}

/** Non-negative, ascending, each once. */
function reducedAxes(op: string, x: Tensor, axes: readonly number[] | undefined): number[] {
  const all = (axes ?? x.shape.map((_, axis) => axis)).map((axis) => resolveAxis(op, x, axis));
  return [...new Set(all)].sort((a, b) => a - b);
}

/** Sum over `axes` (default: all). */
export function sum(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  return reduce(sumOp, x, axes, keepDims);
}

/** Largest value over `axes` (default: all). */
export function max(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  return reduce(maxOp, x, axes, keepDims);
}

/** Mean over `axes` (default: all). */
export function mean(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const total = reduce(sumOp, x, axes, keepDims);
  const count = reducedAxes('mean', x, axes).reduce((n, axis) => n * x.dim(axis), 1);
  return mul(total, 1 / count);
}
