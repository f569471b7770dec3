/** A part of a graph that runs again and again, ONNX's `Loop`: its values stay where they are computed. */
import { describeGraph } from './describe-graph.js';
import { apply, shapeError, type Op } from './op.js';
import { input, sameShape, show, topologicalOrder, type Node, type Tensor } from './tensor.js';

/** What a body makes of the values that it is given. */
export interface LoopStep {
  /** The carried values for the next time, with their types. */
  readonly next: readonly Tensor[];
  /** Kept of each time. */
  readonly collected: readonly Tensor[];
  /** bool without axes: whether there is a next time. Default: always. */
  readonly goesOn?: Tensor | undefined;
}

export interface LoopResult {
  /** The values after the last time. */
  readonly carried: readonly Tensor[];
  /** [most, ...] of each collected value; shorter where the loop ended early. */
  readonly collected: readonly Tensor[];
}

/** The graph of a body, between the inputs that stand for what it is given and its results. */
export interface LoopBody {
  /** Iteration, condition, and carried values. */
  readonly given: readonly Tensor[];
  /** Whether to go on, the next carried values, and collected values. */
  readonly results: readonly Tensor[];
  /** What is computed each time, operands first; all else is computed once, outside. */
  readonly nodes: readonly Node[];
  /** How many of the results are carried. */
  readonly carried: number;
  /** The operands that it was traced with: number of times, start, and what it reads from outside. */
  readonly operands: readonly Tensor[];
  toJSON(): unknown;
}

type TracedBody = Omit<LoopBody, 'carried' | 'operands'>;

interface LoopAttributes {
  readonly most: number;
  readonly body: LoopBody;
}

/** Operands: the number of times, the carried values' start, and what the body reads from outside. */
export const loopOp: Op<LoopAttributes> = {
  name: 'loop',
  infer: (inputs, { most, body }) => {
    if (inputs.some((x, i) => x !== body.operands[i])) {
      throw shapeError('loop', inputs, 'its body was traced with other operands; trace it again');
    }
    const results = body.results.slice(1);
    return results.map(({ shape, dtype }, i) => ({
      shape: i < body.carried ? shape : [most, ...shape],
      dtype,
    }));
  },
  gradient: ({ inputs }) => {
    throw shapeError('loop', inputs, 'it has no gradient; differentiate inside of its body');
  },
  emit: (e, { body }) => {
    const always = e.constant(Uint8Array.of(1), []);
    const [times, ...start] = e.inputs.slice(0, 1 + body.carried);
    e.node('Loop', [times!, always, ...start], { body: e.subgraph(body) });
  },
};

/**
 * Runs `body` `times` times, an int64 without axes of at most `most`. `iteration` counts from 0. What the body reads
 * from outside and does not depend on what it is given is computed once. Throws ShapeError where a carried value
 * changes its type.
 */
export function loop(
  most: number,
  times: Tensor,
  start: readonly Tensor[],
  body: (iteration: Tensor, carried: readonly Tensor[]) => LoopStep,
): LoopResult {
  const iteration = input('iteration', [], 'int64');
  const condition = input('condition', [], 'bool');
  const carried = start.map(({ shape, dtype }, i) => input(`carried ${i}`, shape, dtype));
  const { next, collected, goesOn = condition } = body(iteration, carried);
  start.forEach((x, i) => checkType(i, x, next[i]));
  const traced = traceBody([iteration, condition, ...carried], [goesOn, ...next, ...collected]);
  const operands = [times, ...start, ...readOutside(traced)];
  const outputs = apply(loopOp, operands, {
    most,
    body: { ...traced, operands, carried: start.length },
  });
  return { carried: outputs.slice(0, start.length), collected: outputs.slice(start.length) };
}

function checkType(position: number, before: Tensor, after: Tensor | undefined): void {
  if (after && before.dtype === after.dtype && sameShape(before.shape, after.shape)) return;
  const given = after ? `${after.dtype}${show(after.shape)}` : 'nothing';
  throw shapeError(
    'loop',
    [before],
    `carried value ${position} is ${before.dtype}${show(before.shape)} and becomes ${given}`,
  );
}

function traceBody(given: readonly Tensor[], results: readonly Tensor[]): TracedBody {
  const changing = new Set(given);
  const nodes = topologicalOrder(results).filter(({ inputs, outputs }) => {
    if (!inputs.some((x) => changing.has(x))) return false;
    outputs.forEach((x) => changing.add(x));
    return true;
  });
  const named = Object.fromEntries(results.map((x, i) => [`result ${i}`, x]));
  return { given, results, nodes, toJSON: () => describeGraph(named).split('\n') };
}

function readOutside({ given, results, nodes }: TracedBody): Tensor[] {
  const own = new Set([...given, ...nodes.flatMap(({ outputs }) => outputs)]);
  const read = new Set([...nodes.flatMap(({ inputs }) => inputs), ...results]);
  return [...read].filter((x) => !own.has(x));
}

/** The body of a node that is a loop, and how often it runs at most. */
export function bodyOf(node: Node): LoopAttributes | undefined {
  return node.op.name === loopOp.name ? (node.attributes as LoopAttributes) : undefined;
}

/** Nodes and those of loops' bodies. */
export function withBodies(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => [node, ...withBodies(bodyOf(node)?.body.nodes ?? [])]);
}
