/** Replaces tensors inside a traced graph, as a pure function. */
import { apply } from './op.js';
import { topologicalOrder, type Tensor } from './tensor.js';

/**
 * The outputs as they would be if each key of `replacements` had been its value: nodes behind a key are
 * applied again, with their shapes inferred anew, the others are shared with the given graph.
 */
export function substitute(
  outputs: readonly Tensor[],
  replacements: ReadonlyMap<Tensor, Tensor>,
): Tensor[] {
  const known = new Map(replacements);
  const now = (x: Tensor): Tensor => known.get(x) ?? x;
  for (const node of topologicalOrder(outputs)) {
    const inputs = node.inputs.map(now);
    if (inputs.every((x, i) => x === node.inputs[i])) continue;
    const again = apply(node.op, inputs, node.attributes);
    node.outputs.forEach((x, i) => {
      if (!known.has(x)) known.set(x, again[i]!);
    });
  }
  return outputs.map(now);
}

/** The graph inputs that the outputs depend on. */
export function inputsOf(outputs: Iterable<Tensor>): Tensor[] {
  const listed = [...outputs];
  const operands = topologicalOrder(listed).flatMap((node) => node.inputs);
  return [...new Set([...listed, ...operands])].filter(({ source }) => source.kind === 'input');
}
