/** Puts 8-bit products and convolutions in the place of exact ones, as a pure function. */
import { apply } from './op.js';
import type { ConvAttributes } from './ops/conv-ops.js';
import { quantisedConv2d, quantisedMatmul } from './ops/quantised-ops.js';
import { topologicalOrder, type Node, type Tensor } from './tensor.js';

/** Layers with fewer channels on either side are little work, and are the ones that read and write images. */
const LEAST_CHANNELS = 32;

/**
 * `output` with all products and convolutions of weights that never change in 8 bits, where their operand depends on
 * the graph input `changing`. What depends on other inputs alone, such as the embedding of a timestep, stays exact:
 * it is little work, and every layer reads it.
 */
export function quantise(output: Tensor, changing: string): Tensor {
  const known = new Map<Tensor, Tensor>();
  const reached = new Set<Tensor>();
  const isReached = (x: Tensor): boolean =>
    reached.has(x) || (x.source.kind === 'input' && x.source.name === changing);
  for (const node of topologicalOrder([output])) {
    if (node.inputs.some(isReached)) for (const made of node.outputs) reached.add(made);
    const inputs = node.inputs.map((x) => known.get(x) ?? x);
    const replaced = isReached(node.inputs[0]!) ? inEightBits(node, inputs) : undefined;
    if (replaced !== undefined) {
      known.set(node.outputs[0]!, replaced);
    } else if (inputs.some((x, i) => x !== node.inputs[i])) {
      const again = apply(node.op, inputs, node.attributes);
      node.outputs.forEach((x, i) => known.set(x, again[i]!));
    }
  }
  return known.get(output) ?? output;
}

function inEightBits({ op, attributes }: Node, inputs: readonly Tensor[]): Tensor | undefined {
  const [x, stored, ...bias] = inputs as readonly [Tensor, ...Tensor[]];
  const weight = stored && leafBehind(stored);
  if (weight === undefined || weight.shape.slice(0, 2).some((c) => c < LEAST_CHANNELS)) {
    return undefined;
  }
  if (op.name === 'matmul') {
    const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
    const isLinear = !transposeA && transposeB && x.rank === 2 && weight.rank === 2;
    return isLinear ? quantisedMatmul(x, weight) : undefined;
  }
  if (op.name !== 'conv2d') return undefined;
  const convolution = attributes as ConvAttributes;
  return convolution.groups === 1 ? quantisedConv2d([x, weight, ...bias], convolution) : undefined;
}

/** The constant or file that a tensor is, perhaps widened from half precision. */
function leafBehind(x: Tensor): Tensor | undefined {
  const { source } = x;
  if (source.kind !== 'node') return source.kind === 'input' ? undefined : x;
  return source.node.op.name === 'castFloat' ? leafBehind(source.node.inputs[0]!) : undefined;
}
