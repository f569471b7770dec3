/** Softmax and the shared core of layer, group and instance normalisation. */
import { apply, applyOne, shapeError, type Op } from '../op.js';
import type { Tensor } from '../tensor.js';
import { mul, sub } from './binary-ops.js';
import { mean, sum } from './reduce-ops.js';

export const softmaxOp: Op<Record<string, never>> = {
  name: 'softmax',
  infer: ([x]) => {
    if (x!.shape.length < 1) throw shapeError('softmax', [x!], 'needs at least one axis');
    return [{ shape: x!.shape, dtype: x!.dtype }];
  },
  // dx = y (dy - Σ dy y)
  gradient: ({ outputs: [y], gradient }) => [
    mul(y!, sub(gradient, sum(mul(gradient, y!), [-1], true))),
  ],
  storage: 'in place',
  emit: (e) => e.node('Softmax', e.inputs, { axis: -1 }),
};

/** exp(x) / Σ exp(x) over the last axis. */
export function softmax(x: Tensor): Tensor {
  return applyOne(softmaxOp, [x], {});
}

export const standardiseOp: Op<{ epsilon: number }> = {
  name: 'standardise',
  infer: ([x]) => {
    if (x!.shape.length < 1) throw shapeError('standardise', [x!], 'needs at least one axis');
    const statistics = { shape: [...x!.shape.slice(0, -1), 1], dtype: x!.dtype };
    return [{ shape: x!.shape, dtype: x!.dtype }, statistics, statistics];
  },
  // dx = (dy - mean(dy) - y mean(dy y)) / σ
  gradient: ({ outputs: [y, , inverseDeviation], gradient: dy }) => {
    const centred = sub(dy, mean(dy, [-1], true));
    const projected = mul(y!, mean(mul(dy, y!), [-1], true));
    return [mul(sub(centred, projected), inverseDeviation!)];
  },
  emit: (e, { epsilon }) => {
    const width = e.inputTypes[0]!.shape.at(-1)!;
    // An explicit empty bias crashes ONNX Runtime's optimiser, so the third input is left out.
    const ones = e.constant(new Float32Array(width).fill(1), [width]);
    e.node('LayerNormalization', [e.inputs[0]!, ones], { axis: -1, epsilon: { float: epsilon } });
  },
};

/** (x - mean) / √(variance + epsilon) over the last axis, with the biased variance. */
export function standardise(x: Tensor, epsilon: number): Tensor {
  return apply(standardiseOp, [x], { epsilon })[0]!;
}
