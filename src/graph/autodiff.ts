import { add } from './ops/binary-ops.js';
import { SegmentCopies } from './segment-copies.js';
import { constant, scalar, show, ShapeError, sizeOf, topologicalOrder } from './tensor.js';
import type { Node, Tensor } from './tensor.js';

export interface GradientOptions {
  /**
   * Compute activations between `segmentBorder`s again where the backward pass reads them, instead of
   * keeping them: less memory for one more forward pass.
   */
  readonly recompute?: boolean | undefined;
}

/**
 * Reverse-mode differentiation as a graph transformation: traces dL/dx for each `x` in `wrt`.
 * `loss` must hold one float32 element. A tensor that the loss does not depend on gets zeros.
 */
export function gradients(
  loss: Tensor,
  wrt: readonly Tensor[],
  options: GradientOptions = {},
): Tensor[] {
  if (sizeOf(loss.shape) !== 1) {
    throw new ShapeError(
      `gradients: the loss must have one element, got shape ${show(loss.shape)}`,
    );
  }
  if (loss.dtype !== 'float32') {
    throw new ShapeError(`gradients: the loss must be float32, got ${loss.dtype}`);
  }
  const order = topologicalOrder([loss]);
  const roots = new Set(wrt);
  const active = dependents(order, roots);
  const copies = options.recompute ? new SegmentCopies(order, roots) : undefined;
  const flowing = new Map<Tensor, Tensor>([[loss, ones(loss)]]);
  for (const node of [...order].reverse()) {
    const gradient = flowing.get(node.outputs[0]!);
    if (gradient === undefined || !active.has(node.outputs[0]!)) continue;
    const wanted = node.inputs.map((x) => active.has(x));
    const parts = inputGradients(node, gradient, wanted, copies);
    node.inputs.forEach((x, i) => {
      if (!wanted[i]) return;
      const part = parts[i];
      if (part === undefined) return;
      const sofar = flowing.get(x);
      flowing.set(x, sofar ? add(sofar, part) : part);
    });
  }
  return wrt.map((x) => flowing.get(x) ?? zeros(x));
}

function inputGradients(
  node: Node,
  gradient: Tensor,
  wanted: readonly boolean[],
  copies: SegmentCopies | undefined,
): readonly (Tensor | undefined)[] {
  if (node.op.gradient === 'not differentiable') {
    // Masks and indices: locally constant, so nothing flows back.
    return [];
  }
  const value = copies?.around(node, gradient) ?? ((x: Tensor) => x);
  const { attributes } = node;
  const [inputs, outputs] = [node.inputs.map(value), node.outputs.map(value)];
  return node.op.gradient({ inputs, outputs, attributes, gradient, wanted });
}

/**
 * Tensors whose value depends on one of the roots through float32 values. Throws where the dependence
 * passes through saved statistics, as in second derivatives of normalisation: no rule covers those.
 */
function dependents(order: readonly Node[], roots: ReadonlySet<Tensor>): Set<Tensor> {
  const found = new Set(roots);
  for (const node of order) {
    if (node.op.gradient === 'not differentiable') continue;
    for (const { source } of node.inputs) {
      if (source.kind === 'node' && source.index > 0 && found.has(source.node.outputs[0]!)) {
        const name = source.node.op.name;
        throw new ShapeError(
          `gradients: ${node.op.name} uses output ${source.index} of ${name}, which carries no gradient; second derivatives of ${name} are not available`,
        );
      }
    }
    if (node.inputs.some((x) => found.has(x))) found.add(node.outputs[0]!);
  }
  return found;
}

const ones = (x: Tensor): Tensor =>
  x.rank === 0 ? scalar(1) : constant(new Float32Array(1).fill(1), x.shape);

const zeros = (x: Tensor): Tensor => constant(new Float32Array(sizeOf(x.shape)), x.shape);
