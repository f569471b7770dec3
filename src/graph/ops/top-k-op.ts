/** The largest elements of each row, as a mask: sparse codes keep them and drop the others. */
import { applyOne, shapeError, type Op } from '../op.js';
import type { Tensor } from '../tensor.js';

interface TopKAttributes {
  /** How many elements of the last axis are chosen. */
  readonly count: number;
}

export const topKMaskOp: Op<TopKAttributes> = {
  name: 'topKMask',
  infer: (inputs, { count }) => {
    const [x] = inputs;
    const width = x!.shape.at(-1) ?? 0;
    if (x!.dtype !== 'float32') {
      throw shapeError('topKMask', inputs, `needs float32 values, got ${x!.dtype}`);
    }
    if (!Number.isInteger(count) || count < 1 || count > width) {
      throw shapeError('topKMask', inputs, `cannot choose ${count} of ${width} elements`);
    }
    return [{ shape: x!.shape, dtype: 'bool' }];
  },
  gradient: 'not differentiable',
  emit: (e, { count }) => {
    const { shape } = e.inputTypes[0]!;
    const [values, indices, zeros, ones, hits] = Array.from({ length: 5 }, () => e.temporary());
    const rows = shape.slice(0, -1);
    // Of equal values ONNX takes the one with the lower index.
    e.node(
      'TopK',
      [e.inputs[0]!, e.int64([count])],
      { axis: -1 },
      { outputs: [values!, indices!] },
    );
    const [zero, one] = [0, 1].map((value) => e.constant(Float32Array.of(value), []));
    e.node('Expand', [zero!, e.int64(shape)], {}, { outputs: [zeros!] });
    e.node('Expand', [one!, e.int64([...rows, count])], {}, { outputs: [ones!] });
    e.node('ScatterElements', [zeros!, indices!, ones!], { axis: -1 }, { outputs: [hits!] });
    e.node('Greater', [hits!, zero!]);
  },
};

/** Holds at the `count` largest elements along the last axis; of equal ones the first are taken. */
export function topKMask(x: Tensor, count: number): Tensor {
  return applyOne(topKMaskOp, [x], { count });
}
