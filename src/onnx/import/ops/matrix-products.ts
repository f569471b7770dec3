import * as graph from '../../../graph/index.js';
import { sizeOf, type Tensor } from '../../../graph/index.js';
import type { OnnxNode, Translations } from '../onnx-node.js';

/** NumPy's product: vectors are rows on the left and columns on the right. */
function matmul(node: OnnxNode): Tensor {
  const [a, b] = [node.tensor(0), node.tensor(1)];
  const rows = a.rank === 1 ? graph.reshape(a, [1, a.dim(0)]) : a;
  const columns = b.rank === 1 ? graph.reshape(b, [b.dim(0), 1]) : b;
  // One large product instead of many small ones with the same matrix.
  const product =
    rows.rank > 2 && columns.rank === 2
      ? graph.reshape(
          graph.matmul(
            graph.reshape(rows, [sizeOf(rows.shape) / rows.dim(-1), rows.dim(-1)]),
            columns,
          ),
          [...rows.shape.slice(0, -1), columns.dim(1)],
        )
      : graph.matmul(rows, columns);
  const shape = product.shape.filter(
    (_, axis) =>
      !(a.rank === 1 && axis === product.rank - 2) && !(b.rank === 1 && axis === product.rank - 1),
  );
  return graph.reshape(product, shape);
}

/** α A B + β C, each of A and B perhaps transposed. */
function gemm(node: OnnxNode): Tensor {
  const [alpha, beta] = [node.number('alpha', 1), node.number('beta', 1)];
  const product = graph.matmul(node.tensor(0), node.tensor(1), {
    transposeA: node.number('transA', 0) === 1,
    transposeB: node.number('transB', 0) === 1,
  });
  const scaled = alpha === 1 ? product : graph.mul(product, alpha);
  if (node.optional(2) === undefined) return scaled;
  const c = node.tensor(2);
  return graph.add(scaled, beta === 1 ? c : graph.mul(c, beta));
}

/** What ONNX Runtime's optimiser, and our own models, put in place of a product with a transposed operand. */
function fusedMatmul(node: OnnxNode): Tensor {
  if (node.number('transBatchA', 0) === 1 || node.number('transBatchB', 0) === 1) {
    node.fail('transposed batches (transBatchA, transBatchB) are not known here');
  }
  const product = graph.matmul(node.tensor(0), node.tensor(1), {
    transposeA: node.number('transA', 0) === 1,
    transposeB: node.number('transB', 0) === 1,
  });
  const alpha = node.number('alpha', 1);
  return alpha === 1 ? product : graph.mul(product, alpha);
}

export const MATRIX_PRODUCTS: Translations = {
  Gemm: gemm,
  MatMul: matmul,
  'com.microsoft.FusedMatMul': fusedMatmul,
};
