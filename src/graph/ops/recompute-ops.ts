/** Marks for the recomputation of activations (`gradients` with `recompute`): both are identities. */
import { applyOne, type Op } from '../op.js';
import type { Tensor } from '../tensor.js';

type NoAttributes = Record<string, never>;

export const segmentBorderOp: Op<NoAttributes> = {
  name: 'segmentBorder',
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  gradient: ({ gradient }) => [gradient],
  emit: (e) => e.node('Identity', e.inputs),
};

/** x, where a segment of the network ends: what is inside one may be computed again in the backward pass. */
export function segmentBorder(x: Tensor): Tensor {
  return applyOne(segmentBorderOp, [x], {});
}

export const afterOp: Op<NoAttributes> = {
  name: 'after',
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  gradient: ({ gradient }) => [gradient, undefined],
  // A choice between x and x by an element of the event. The runtime does not see through it, so that it
  // cannot merge what is computed from the result with what was computed from x.
  emit: (e) => {
    const [flat, element, choice] = [e.temporary(), e.temporary(), e.temporary()];
    e.node('Reshape', [e.inputs[1]!, e.int64([-1])], {}, { outputs: [flat] });
    e.node('Slice', [flat, e.int64([0]), e.int64([1])], {}, { outputs: [element] });
    e.node('Equal', [element, element], {}, { outputs: [choice] });
    const chosen = e.outputTypes[0]!.shape.length === 0 ? e.temporary() : e.outputs[0]!;
    e.node('Where', [choice, e.inputs[0]!, e.inputs[0]!], {}, { outputs: [chosen] });
    if (chosen !== e.outputs[0]) e.node('Reshape', [chosen, e.int64([])]);
  },
};

/** x, not before `event` has been computed. */
export function after(x: Tensor, event: Tensor): Tensor {
  return applyOne(afterOp, [x, event], {});
}
