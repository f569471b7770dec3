/** Batched matrix product with optional transposition of the last two axes of either operand. */
import { applyOne, shapeError, type Op } from '../op.js';
import type { Tensor, TensorType } from '../tensor.js';
import { broadcastShapes, sumTo } from './broadcast.js';

interface MatmulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const swapLast = (rank: number): number[] => {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return [...axes.slice(0, -2), rank - 1, rank - 2];
};

/** [rows, columns] as the product sees them. */
function matrixShape({ shape }: TensorType, transposed: boolean): [number, number] {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  return transposed ? [columns, rows] : [rows, columns];
}

export const matmulOp: Op<MatmulAttributes> = {
  name: 'matmul',
  infer: (inputs, { transposeA, transposeB }) => {
    const [a, b] = inputs as readonly [TensorType, TensorType];
    if (a.shape.length < 2 || b.shape.length < 2) {
      throw shapeError('matmul', inputs, 'both operands need at least two axes');
    }
    const [rows, inner] = matrixShape(a, transposeA);
    const [innerB, columns] = matrixShape(b, transposeB);
    if (inner !== innerB) {
      throw shapeError('matmul', inputs, `inner sizes ${inner} and ${innerB} differ`);
    }
    const batch = broadcastShapes(
      'matmul',
      inputs.map((x) => ({ shape: x.shape.slice(0, -2), dtype: x.dtype })),
    );
    return [{ shape: [...batch, rows, columns], dtype: a.dtype }];
  },
  // Y = A B: dA = dY Bᵀ, dB = Aᵀ dY, each transposed once more where the operand was.
  gradient: ({ inputs, gradient: dy, attributes: { transposeA, transposeB }, wanted }) => {
    const [a, b] = inputs as readonly [Tensor, Tensor];
    const dA = (): Tensor =>
      transposeA
        ? matmul(b, dy, { transposeA: transposeB, transposeB: true })
        : matmul(dy, b, { transposeB: !transposeB });
    const dB = (): Tensor =>
      transposeB
        ? matmul(dy, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, dy, { transposeA: !transposeA });
    return [
      wanted[0] ? sumTo(dA(), a.shape) : undefined,
      wanted[1] ? sumTo(dB(), b.shape) : undefined,
    ];
  },
  emit: (e, { transposeA, transposeB }) => {
    if (!transposeA && !transposeB) {
      e.node('MatMul', e.inputs);
    } else if (e.device === 'cpu') {
      // One kernel that reads transposed operands in place.
      const attributes = { transA: Number(transposeA), transB: Number(transposeB) };
      e.node('FusedMatMul', e.inputs, attributes, { domain: 'com.microsoft' });
    } else {
      const operands = [transposeA, transposeB].map((transposed, i) => {
        if (!transposed) return e.inputs[i]!;
        const name = e.temporary();
        const perm = swapLast(e.inputTypes[i]!.shape.length);
        e.node('Transpose', [e.inputs[i]!], { perm }, { outputs: [name] });
        return name;
      });
      e.node('MatMul', operands);
    }
  },
};

/** A·B over the last two axes, broadcasting the others. Transposition swaps an operand's last two axes. */
export function matmul(
  a: Tensor,
  b: Tensor,
  options: { transposeA?: boolean; transposeB?: boolean } = {},
): Tensor {
  return applyOne(matmulOp, [a, b], {
    transposeA: options.transposeA ?? false,
    transposeB: options.transposeB ?? false,
  });
}
