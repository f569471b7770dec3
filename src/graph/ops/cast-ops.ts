/** Conversions between element types. */
import { applyOne, type Op } from '../op.js';
import type { Tensor } from '../tensor.js';

/** ONNX TensorProto.DataType.FLOAT */
export const FLOAT = 1;

export const castFloatOp: Op<Record<string, never>> = {
  name: 'castFloat',
  infer: ([x]) => [{ shape: x!.shape, dtype: 'float32' }],
  // Half-precision storage is widened only at leaves, masks and indices have no derivative.
  gradient: 'not differentiable',
  emit: (e) => e.node('Cast', e.inputs, { to: FLOAT }),
};

/** float32 from half-precision storage, masks (0 or 1) or integers. */
export function castFloat(x: Tensor): Tensor {
  return x.dtype === 'float32' ? x : applyOne(castFloatOp, [x], {});
}
