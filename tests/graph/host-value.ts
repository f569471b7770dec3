/** Plain float64 arrays with a shape: what the reference kernels compute on. */
import type { Shape } from '../../src/graph/index.js';
import { sizeOf } from '../../src/graph/index.js';

/** Row-major. Masks hold 0 and 1, integers are exact. */
export interface HostValue {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** Calls `visit` with every index of a shape in row-major order; the array is reused. */
export function forEachIndex(shape: Shape, visit: (index: number[], flat: number) => void): void {
  const index = shape.map(() => 0);
  const count = sizeOf(shape);
  for (let flat = 0; flat < count; flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** The array whose element at each index is `value(index)`. */
export function tabulate(shape: Shape, value: (index: readonly number[]) => number): HostValue {
  const data = new Float64Array(sizeOf(shape));
  forEachIndex(shape, (index, flat) => (data[flat] = value(index)));
  return { shape, data };
}

/** The element at an index; zero outside, so that padding needs no special case. */
export function elementAt(x: HostValue, index: readonly number[]): number {
  let flat = 0;
  for (let axis = 0; axis < x.shape.length; axis++) {
    const i = index[axis]!;
    if (i < 0 || i >= x.shape[axis]!) return 0;
    flat = flat * x.shape[axis]! + i;
  }
  return x.data[flat]!;
}

/** The element that broadcasting puts at an index of the larger shape. */
export function broadcastAt(x: HostValue, index: readonly number[]): number {
  const own = index.slice(index.length - x.shape.length);
  return elementAt(
    x,
    own.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
  );
}
