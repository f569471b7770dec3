/** Broadcasting by NumPy's rules, and its adjoint. */
import { shapeError } from '../op.js';
import { sameShape, type Shape, type Tensor, type TensorType } from '../tensor.js';
import { sum } from './reduce-ops.js';
import { reshape } from './shape-ops.js';

/** The shape that operands take together, or a `ShapeError` that names the op. */
export function broadcastShapes(op: string, inputs: readonly TensorType[]): Shape {
  const rank = Math.max(...inputs.map((x) => x.shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const { shape } of inputs) {
      const own = shape[axis - rank + shape.length] ?? 1;
      if (own === 1 || own === size) continue;
      if (size !== 1) {
        throw shapeError(op, inputs, `sizes ${size} and ${own} on axis ${axis} do not broadcast`);
      }
      size = own;
    }
    return size;
  });
}

/** Adjoint of broadcasting: sums a gradient over the axes along which `shape` was repeated. */
export function sumTo(gradient: Tensor, shape: Shape): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient;
  const offset = gradient.rank - shape.length;
  const axes = gradient.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < offset || (shape[axis - offset] === 1 && gradient.shape[axis] !== 1));
  return reshape(axes.length === 0 ? gradient : sum(gradient, axes), shape);
}
