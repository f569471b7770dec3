import { apply } from './op.js';
import { after, segmentBorderOp } from './ops/recompute-ops.js';
import type { Node, Tensor } from './tensor.js';

/**
 * Recomputed activations (Chen et al. 2016, "Training deep nets with sublinear memory cost"). Borders cut
 * the nodes of a graph, in their order, into segments. What one segment reads of another is kept; what is
 * inside is computed again when the backward pass reaches it, from the kept values.
 */
export class SegmentCopies {
  private readonly segments = new Map<Node, number>();
  private readonly last: number;
  private readonly copies = new Map<number, { event: Tensor; made: Map<Tensor, Tensor> }>();

  /**
   * `order`: the nodes of the forward pass, inputs before users. `trained`: leaves that are read as they are;
   * copies of weights would cost more than they save.
   */
  constructor(
    order: readonly Node[],
    private readonly trained: ReadonlySet<Tensor>,
  ) {
    let segment = 0;
    for (const node of order) {
      this.segments.set(node, segment);
      if (node.op === segmentBorderOp) segment++;
    }
    this.last = segment;
  }

  /**
   * A function that gives the values around `node` as the backward pass should read them. `gradient` is what
   * has reached the node: the first that reaches a segment is what its copies wait for.
   */
  around(node: Node, gradient: Tensor): (x: Tensor) => Tensor {
    const segment = this.segments.get(node)!;
    // The last segment's backward pass begins at once.
    if (segment === this.last) return (x) => x;
    const { event, made } = this.copies.get(segment) ?? {
      event: gradient,
      made: new Map<Tensor, Tensor>(),
    };
    this.copies.set(segment, { event, made });
    return (x) => this.copy(x, segment, event, made);
  }

  private copy(wanted: Tensor, segment: number, event: Tensor, made: Map<Tensor, Tensor>): Tensor {
    // An explicit stack: deep segments would overflow the call stack.
    const stack = [wanted];
    while (stack.length > 0) {
      const x = stack.at(-1)!;
      const { source } = x;
      if (made.has(x)) {
        stack.pop();
      } else if (this.trained.has(x) || source.kind === 'constant' || source.kind === 'file') {
        made.set(x, x);
      } else if (source.kind !== 'node' || this.segments.get(source.node) !== segment) {
        made.set(x, after(x, event));
      } else {
        const { node } = source;
        const missing = node.inputs.filter((each) => !made.has(each));
        stack.push(...missing);
        if (missing.length > 0) continue;
        const again = apply(
          node.op,
          node.inputs.map((each) => made.get(each)!),
          node.attributes,
        );
        node.outputs.forEach((output, i) => made.set(output, again[i]!));
      }
    }
    return made.get(wanted)!;
  }
}
