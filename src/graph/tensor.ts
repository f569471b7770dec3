import type { Op } from './op.js';

/**
 * Element types that the engine traces. Half precision is storage: `float16` of weights in files and of cached
 * inputs, `bfloat16` of weights in files.
 */
export type DType = 'float32' | 'float16' | 'bfloat16' | 'int64' | 'bool';

/** Sizes of each axis, outermost first. */
export type Shape = readonly number[];

/** What shape inference knows of a tensor before anything is computed. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Values that travel inside the model, for small tables and scalars. */
export type ConstantData = Float32Array | Uint16Array | BigInt64Array | Uint8Array;

/** A byte range of a file, such as one tensor of a safetensors file: mapped, never copied. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly byteLength: number;
}

/** Where a tensor comes from: a leaf that is fed, embedded or mapped, or one output of a node. */
export type Source =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly data: ConstantData }
  | { readonly kind: 'file'; readonly name: string; readonly range: FileRange }
  | { readonly kind: 'node'; readonly node: Node; readonly index: number };

/** One application of an op. Immutable: the graph is the set of nodes reachable from its outputs. */
export interface Node {
  readonly op: Op<unknown>;
  readonly inputs: readonly Tensor[];
  readonly attributes: unknown;
  readonly outputs: readonly Tensor[];
}

/** A symbolic value of known shape and element type. */
export class Tensor implements TensorType {
  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    readonly source: Source,
  ) {}

  get rank(): number {
    return this.shape.length;
  }

  /** Size of one axis; negative axes count from the end. */
  dim(axis: number): number {
    const size = this.shape.at(axis);
    if (size === undefined) {
      throw new ShapeError(`axis ${axis} does not exist in a tensor of shape ${show(this.shape)}`);
    }
    return size;
  }
}

/** Shapes that do not fit. The message names the op and the shapes. */
export class ShapeError extends Error {}

/** `[2,3]`, as shapes are written in messages. */
export function show(shape: Shape): string {
  return `[${shape.join(',')}]`;
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** A value fed at every run: an image, a timestep, or a trained parameter. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  checkShape(`input "${name}"`, shape);
  return new Tensor(shape, dtype, { kind: 'input', name });
}

/** Values embedded in the model. Numbers become float32. */
export function constant(values: readonly number[] | ConstantData, shape: Shape): Tensor {
  const data = isArray(values) ? Float32Array.from(values) : values;
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(
      `constant: ${data.length} values do not fill shape ${show(shape)}, which holds ${sizeOf(shape)}`,
    );
  }
  return new Tensor(shape, dtypeOf(data), { kind: 'constant', data });
}

/** A frozen weight that stays in its file and is mapped from there. */
export function fileTensor(name: string, shape: Shape, dtype: DType, range: FileRange): Tensor {
  checkShape(`weight "${name}"`, shape);
  return new Tensor(shape, dtype, { kind: 'file', name, range });
}

/** A float32 constant without axes. */
export function scalar(value: number): Tensor {
  return constant([value], []);
}

/** All nodes that the outputs depend on, inputs before users, in a deterministic order. */
export function topologicalOrder(outputs: Iterable<Tensor>): Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  // An explicit stack: deep models would overflow the call stack.
  const stack: { node: Node; next: number }[] = [];
  for (const output of outputs) {
    if (output.source.kind !== 'node' || done.has(output.source.node)) continue;
    done.add(output.source.node);
    stack.push({ node: output.source.node, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const operand = top.node.inputs[top.next];
      if (operand === undefined) {
        order.push(top.node);
        stack.pop();
        continue;
      }
      top.next++;
      if (operand.source.kind === 'node' && !done.has(operand.source.node)) {
        done.add(operand.source.node);
        stack.push({ node: operand.source.node, next: 0 });
      }
    }
  }
  return order;
}

function checkShape(what: string, shape: Shape): void {
  const bad = shape.find((size) => !Number.isInteger(size) || size < 1);
  if (bad !== undefined) {
    throw new ShapeError(`${what}: shape ${show(shape)} needs positive whole sizes, got ${bad}`);
  }
}

function isArray(values: readonly number[] | ConstantData): values is readonly number[] {
  return Array.isArray(values);
}

function dtypeOf(data: ConstantData): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Uint16Array) return 'float16';
  return data instanceof BigInt64Array ? 'int64' : 'bool';
}
