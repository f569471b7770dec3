/** Values that are known when a model is imported: weights, and the arithmetic of shapes. */
import { constant, ShapeError, show, sizeOf, Tensor, type Shape } from '../../graph/index.js';

/** Float32 values for `float`; whole numbers, and 0 or 1, for `integer` and `boolean`. */
export interface HostArray {
  readonly kind: 'float' | 'integer' | 'boolean';
  readonly shape: Shape;
  /** Row-major. */
  readonly data: Float32Array | Float64Array;
}

/** What an ONNX value is during import: traced, or known. */
export type Value = Tensor | HostArray;

export const isHost = (value: Value): value is HostArray => !(value instanceof Tensor);

export const integers = (values: readonly number[], shape: Shape = [values.length]): HostArray => ({
  kind: 'integer',
  shape,
  data: Float64Array.from(values),
});

export const floats = (data: Float32Array, shape: Shape): HostArray => ({
  kind: 'float',
  shape,
  data,
});

/** The same values under another shape. */
export const withShape = (array: HostArray, shape: Shape): HostArray => ({ ...array, shape });

/** Equal arrays give the same constant: weights that are used twice are embedded once. */
const constants = new WeakMap<HostArray['data'], Map<string, Tensor>>();

/** A known value as a float32 constant of the graph. */
export function asTensor(value: Value): Tensor {
  if (!isHost(value)) return value;
  const known = constants.get(value.data) ?? new Map<string, Tensor>();
  constants.set(value.data, known);
  const key = value.shape.join(',');
  const made = known.get(key) ?? constant(Float32Array.from(value.data), value.shape);
  known.set(key, made);
  return made;
}

/** Most values that are computed at import; weights are only read and may be larger. */
const MOST_VALUES = 2 ** 24;

/** Number of values of a shape. Throws ShapeError for one that no array has. */
export function checkedSize(shape: Shape): number {
  const size = sizeOf(shape);
  if (shape.every((side) => Number.isInteger(side) && side >= 0) && size <= MOST_VALUES)
    return size;
  throw new ShapeError(`no array has the shape ${show(shape)}`);
}

/** The shape that several shapes are repeated to (NumPy's rules); undefined where they do not fit. */
export function broadcastShape(shapes: readonly Shape[]): number[] | undefined {
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  const result: number[] = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const axis = rank - shape.length + i;
      const size = shape[i]!;
      if (size !== 1 && result[axis] !== 1 && result[axis] !== size) return undefined;
      if (size !== 1) result[axis] = size;
    }
  }
  return result;
}

/** Applies a function to known values element by element. */
export function elementwise(
  arrays: readonly HostArray[],
  kind: HostArray['kind'],
  compute: (...values: number[]) => number,
): HostArray | undefined {
  const shape = broadcastShape(arrays.map((array) => array.shape));
  if (shape === undefined) return undefined;
  const size = checkedSize(shape);
  const readers = arrays.map((array) => reader(array, shape));
  const data = kind === 'float' ? new Float32Array(size) : new Float64Array(size);
  for (let i = 0; i < size; i++) data[i] = compute(...readers.map((read) => read(i)));
  return { kind, shape, data };
}

/** Reads an array at the flat places of the shape that it is repeated to. */
function reader({ shape, data }: HostArray, to: readonly number[]): (place: number) => number {
  if (data.length === 1) return () => data[0]!;
  const offset = to.length - shape.length;
  const strides = to.map(() => 0);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1) strides[axis + offset] = stride;
    stride *= shape[axis]!;
  }
  return (place) => {
    let [rest, at] = [place, 0];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      at += (rest % to[axis]!) * strides[axis]!;
      rest = Math.floor(rest / to[axis]!);
    }
    return data[at]!;
  };
}

/** Values at flat places of an array, as an array of another shape. */
export function pick(array: HostArray, shape: Shape, place: (i: number) => number): HostArray {
  const size = checkedSize(shape);
  const data = array.kind === 'float' ? new Float32Array(size) : new Float64Array(size);
  for (let i = 0; i < size; i++) data[i] = array.data[place(i)]!;
  return { ...array, shape, data };
}

/** Distance in memory of neighbours along each axis. */
export const stridesOf = (shape: Shape): number[] =>
  shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** The flat place of element i of an array of some shape whose axes step as `strides` say. */
export function placeAlong(
  shape: Shape,
  strides: readonly number[],
  start = 0,
): (i: number) => number {
  return (i) => {
    let [rest, at] = [i, start];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return at;
  };
}
