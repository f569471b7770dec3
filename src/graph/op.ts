import type { ConstantData, Node, Shape, TensorType } from './tensor.js';
import { show, ShapeError, Tensor } from './tensor.js';

/** What a gradient rule is given. */
export interface GradientContext<A> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: A;
  /** dL/d(output 0). Only output 0 carries a gradient; further outputs are saved statistics. */
  readonly gradient: Tensor;
  /** Which inputs need a gradient; a rule may skip the others. */
  readonly wanted: readonly boolean[];
}

/** One entry per input; `undefined` where the input has no gradient (indices, masks). */
export type GradientRule<A> = (context: GradientContext<A>) => readonly (Tensor | undefined)[];

/** ONNX attribute values; a bare number is an integer attribute, `{ float }` a float. */
export type OnnxAttribute =
  number | readonly number[] | string | { readonly float: number } | Subgraph;

/** A graph inside of a node, as the writer of models has made it. */
export interface Subgraph {
  readonly graph: object;
}

/** Writes the ONNX nodes of one traced node. Names are those of values in the model. */
export interface Emitter {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  readonly device: 'cpu' | 'webgpu' | 'cuda';
  /** Whether anything depends on an output: statistics that nobody reads need not be made. */
  isRead(output: number): boolean;
  /** Adds a node. `outputs` defaults to the traced node's own. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    options?: { outputs?: readonly string[]; domain?: string },
  ): void;
  /** A graph of its own nodes, which may read all values around it. */
  subgraph(body: {
    readonly given: readonly Tensor[];
    readonly nodes: readonly Node[];
    readonly results: readonly Tensor[];
  }): Subgraph;
  /** A name for an intermediate value. */
  temporary(): string;
  /** An embedded int64 vector, as ONNX wants shapes and axes; equal ones are stored once. */
  int64(values: readonly number[]): string;
  /** An operand that is a leaf in 8 bits: an embedded tensor of its shape, and a scale for each row [O]. */
  quantised(input: number): { readonly values: string; readonly scales: string };
  /** An embedded tensor; equal ones are stored once. */
  constant(data: ConstantData, shape: Shape): string;
}

/**
 * Everything that the engine knows of an op, in one record: shape rule, gradient rule, ONNX emission.
 * An op without a derivative says so; leaving the rule out does not compile.
 */
export interface Op<A> {
  readonly name: string;
  /** Output types, or a `ShapeError` that names the op and the shapes. */
  infer(inputs: readonly TensorType[], attributes: A): readonly TensorType[];
  readonly gradient: GradientRule<A> | 'not differentiable';
  /**
   * Where ONNX Runtime's CPU kernels put output 0: `view`, always input 0's memory; `in place`, input 0's if
   * nobody else reads that. Default: memory of its own.
   */
  readonly storage?: 'view' | 'in place';
  emit(emitter: Emitter, attributes: A): void;
}

/** Applies an op to tensors: checks shapes and adds a node. Returns all outputs. */
export function apply<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): readonly Tensor[] {
  const types = op.infer(inputs, attributes);
  const outputs: Tensor[] = [];
  const node: Node = { op: op as Op<unknown>, inputs, attributes, outputs };
  types.forEach((type, index) =>
    outputs.push(new Tensor(type.shape, type.dtype, { kind: 'node', node, index })),
  );
  return outputs;
}

/** `apply` for ops with one output. */
export function applyOne<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return apply(op, inputs, attributes)[0]!;
}

/** A `ShapeError` whose message begins with the op and the shapes of its operands. */
export function shapeError(op: string, inputs: readonly TensorType[], problem: string): ShapeError {
  return new ShapeError(`${op}(${inputs.map((x) => show(x.shape)).join(', ')}): ${problem}`);
}

/** Non-negative axis, or a `ShapeError`. */
export function resolveAxis(op: string, input: TensorType, axis: number): number {
  const rank = input.shape.length;
  const resolved = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= rank) {
    throw shapeError(op, [input], `axis ${axis} is outside -${rank}..${rank - 1}`);
  }
  return resolved;
}
