/** Look-up of rows, as token embeddings and position tables need it. */
import { applyOne, shapeError, type Op } from '../op.js';
import { constant, sizeOf, type Tensor } from '../tensor.js';
import { equal } from './binary-ops.js';
import { castFloat } from './cast-ops.js';
import { matmul } from './matmul-op.js';
import { reshape } from './shape-ops.js';

export const gatherRowsOp: Op<Record<string, never>> = {
  name: 'gatherRows',
  infer: (inputs) => {
    const [table, indices] = inputs;
    if (table!.shape.length !== 2 || indices!.dtype !== 'int64') {
      throw shapeError('gatherRows', inputs, 'needs a table [rows, width] and int64 indices');
    }
    return [{ shape: [...indices!.shape, table!.shape[1]!], dtype: table!.dtype }];
  },
  // The adjoint of a look-up adds each gradient to its row: a product with the one-hot matrix.
  gradient: ({ inputs: [table, indices], gradient }) => {
    const [rows, width] = table!.shape as [number, number];
    const count = sizeOf(indices!.shape);
    const all = constant(
      BigInt64Array.from({ length: rows }, (_, i) => BigInt(i)),
      [1, rows],
    );
    const oneHot = castFloat(equal(reshape(indices!, [count, 1]), all));
    return [matmul(oneHot, reshape(gradient, [count, width]), { transposeA: true }), undefined];
  },
  emit: (e) => e.node('Gather', e.inputs, { axis: 0 }),
};

/** Rows of `table` [rows, width] named by int64 `indices`: shape [...indices, width]. */
export function gatherRows(table: Tensor, indices: Tensor): Tensor {
  return applyOne(gatherRowsOp, [table, indices], {});
}
