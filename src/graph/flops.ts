import { bodyOf } from './loop.js';
import { sizeOf, topologicalOrder, type Node, type Tensor } from './tensor.js';

/**
 * Floating-point operations of the convolutions and matrix products behind `outputs`, a multiplication
 * and an addition counted as two; those of a loop as often as it may run. Elementwise work is left out, as is usual for rates.
 */
export function countFlops(outputs: Iterable<Tensor>): number {
  return flopsOf(topologicalOrder(outputs));
}

function flopsOf(nodes: readonly Node[]): number {
  let total = 0;
  for (const node of nodes) {
    const { op, inputs, outputs: results, attributes } = node;
    const loop = bodyOf(node);
    if (loop) total += loop.most * flopsOf(loop.body.nodes);
    const produced = sizeOf(results[0]!.shape);
    if (op.name === 'conv2d') total += 2 * produced * sizeOf(inputs[1]!.shape.slice(1));
    if (op.name === 'scaledDotProductAttention') {
      // Q Kᵀ and P V
      total += 4 * produced * inputs[1]!.dim(1);
    }
    if (op.name === 'matmul') {
      const { transposeA } = attributes as { transposeA: boolean };
      total += 2 * produced * inputs[0]!.dim(transposeA ? -2 : -1);
    }
  }
  return total;
}
