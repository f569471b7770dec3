import { topologicalOrder, type Node, type Tensor } from '../graph/tensor.js';

/**
 * The nodes behind `outputs`, inputs before users. What depends on weights alone comes first: where it is not folded,
 * ONNX Runtime, which computes the latest emitted operand of a node first, then makes it just before it is read.
 */
export function emissionOrder(outputs: Iterable<Tensor>): Node[] {
  const order = topologicalOrder(outputs);
  const fed = new Set<Node>();
  for (const node of order) {
    const isFed = ({ source }: Tensor): boolean =>
      source.kind === 'input' || (source.kind === 'node' && fed.has(source.node));
    if (node.inputs.some(isFed)) fed.add(node);
  }
  return [...order.filter((node) => !fed.has(node)), ...order.filter((node) => fed.has(node))];
}
