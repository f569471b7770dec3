/** Ops that move elements without computing: reshape, transpose, slice, pad, concat, broadcastTo. */
import { applyOne, resolveAxis, shapeError, type Op } from '../op.js';
import { sameShape, show, sizeOf, type Shape, type Tensor } from '../tensor.js';
import { sumTo } from './broadcast.js';

export const reshapeOp: Op<{ shape: Shape }> = {
  name: 'reshape',
  infer: ([x], { shape }) => {
    if (!shape.every((size) => Number.isInteger(size) && size > 0)) {
      throw shapeError('reshape', [x!], `${show(shape)} is not made of positive whole sizes`);
    }
    if (sizeOf(shape) !== sizeOf(x!.shape)) {
      throw shapeError(
        'reshape',
        [x!],
        `${sizeOf(x!.shape)} elements do not fill ${show(shape)}, which holds ${sizeOf(shape)}`,
      );
    }
    return [{ shape, dtype: x!.dtype }];
  },
  gradient: ({ inputs, gradient }) => [reshape(gradient, inputs[0]!.shape)],
  storage: 'view',
  emit: (e, { shape }) => e.node('Reshape', [e.inputs[0]!, e.int64(shape)]),
};

/** Same elements in row-major order under another shape; one size may be -1 and is inferred. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.filter((size) => size !== -1);
  const full =
    known.length === shape.length
      ? shape
      : shape.map((size) => (size === -1 ? sizeOf(x.shape) / sizeOf(known) : size));
  return sameShape(full, x.shape) ? x : applyOne(reshapeOp, [x], { shape: full });
}

export const transposeOp: Op<{ axes: readonly number[] }> = {
  name: 'transpose',
  infer: ([x], { axes }) => {
    const sorted = [...axes].sort((a, b) => a - b);
    if (axes.length !== x!.shape.length || sorted.some((axis, i) => axis !== i)) {
      throw shapeError('transpose', [x!], `axes ${show(axes)} are not a permutation of its axes`);
    }
    return [{ shape: axes.map((axis) => x!.shape[axis]!), dtype: x!.dtype }];
  },
  gradient: ({ gradient, attributes }) => {
    const inverse = attributes.axes.map((_, axis) => attributes.axes.indexOf(axis));
    return [transpose(gradient, inverse)];
  },
  emit: (e, { axes }) => e.node('Transpose', [e.inputs[0]!], { perm: axes }),
};

/** Output axis i is input axis `axes[i]`. */
export function transpose(x: Tensor, axes: readonly number[]): Tensor {
  return applyOne(transposeOp, [x], { axes });
}

/** A range of one axis: `start` and `end` non-negative, `step` at least 1. */
export interface AxisRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

const rangeLength = (r: AxisRange): number => Math.ceil((r.end - r.start) / r.step);

export const sliceOp: Op<{ ranges: readonly AxisRange[] }> = {
  name: 'slice',
  infer: ([x], { ranges }) => {
    const shape = [...x!.shape];
    for (const range of ranges) {
      const size = x!.shape[range.axis];
      const fits = size !== undefined && range.start >= 0 && range.end <= size && range.step >= 1;
      if (!fits || range.start >= range.end) {
        throw shapeError(
          'slice',
          [x!],
          `range ${range.start}:${range.end}:${range.step} does not fit axis ${range.axis}`,
        );
      }
      shape[range.axis] = rangeLength(range);
    }
    return [{ shape, dtype: x!.dtype }];
  },
  // Zeros go back between and around what was taken.
  gradient: ({ inputs, gradient, attributes }) => {
    let spread = gradient;
    const before = inputs[0]!.shape.map(() => 0);
    const after = inputs[0]!.shape.map(() => 0);
    for (const range of attributes.ranges) {
      spread = insertZeros(spread, range.axis, range.step);
      before[range.axis] = range.start;
      after[range.axis] = inputs[0]!.dim(range.axis) - range.start - spread.dim(range.axis);
    }
    return [pad(spread, before, after)];
  },
  emit: (e, { ranges }) =>
    e.node('Slice', [
      e.inputs[0]!,
      e.int64(ranges.map((r) => r.start)),
      e.int64(ranges.map((r) => r.end)),
      e.int64(ranges.map((r) => r.axis)),
      e.int64(ranges.map((r) => r.step)),
    ]),
};

/** Elements `start`, `start + step`, … before `end` along each named axis. */
export function slice(
  x: Tensor,
  ranges: readonly { axis: number; start: number; end: number; step?: number }[],
): Tensor {
  const full = ranges.map((r) => ({
    axis: resolveAxis('slice', x, r.axis),
    start: r.start,
    end: r.end,
    step: r.step ?? 1,
  }));
  const needed = full.filter((r) => r.start !== 0 || r.end !== x.dim(r.axis) || r.step !== 1);
  return needed.length === 0 ? x : applyOne(sliceOp, [x], { ranges: needed });
}

/** Splits an axis into equal parts. */
export function split(x: Tensor, parts: number, axis: number): Tensor[] {
  const size = x.dim(axis);
  if (size % parts !== 0) {
    throw shapeError('split', [x], `axis ${axis} of ${size} does not split into ${parts} parts`);
  }
  const step = size / parts;
  return Array.from({ length: parts }, (_, i) =>
    slice(x, [{ axis, start: i * step, end: (i + 1) * step }]),
  );
}

/** Puts `step - 1` zeros between neighbours along an axis: size n becomes (n - 1)·step + 1. */
export function insertZeros(x: Tensor, axis: number, step: number): Tensor {
  if (step === 1) return x;
  const n = x.dim(axis);
  const open = [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)];
  const after = open.map((_, i) => (i === axis + 1 ? step - 1 : 0));
  const spread = pad(
    reshape(x, open),
    open.map(() => 0),
    after,
  );
  const merged = x.shape.map((size, i) => (i === axis ? size * step : size));
  return slice(reshape(spread, merged), [{ axis, start: 0, end: (n - 1) * step + 1 }]);
}

export const padOp: Op<{ before: readonly number[]; after: readonly number[] }> = {
  name: 'pad',
  infer: ([x], { before, after }) => {
    const rank = x!.shape.length;
    if (before.length !== rank || after.length !== rank) {
      throw shapeError(
        'pad',
        [x!],
        `needs ${rank} amounts, got ${show(before)} and ${show(after)}`,
      );
    }
    if ([...before, ...after].some((amount) => amount < 0)) {
      throw shapeError(
        'pad',
        [x!],
        `amounts ${show(before)} and ${show(after)} must not be negative`,
      );
    }
    return [{ shape: x!.shape.map((s, i) => s + before[i]! + after[i]!), dtype: x!.dtype }];
  },
  gradient: ({ inputs, gradient, attributes }) => [
    slice(
      gradient,
      inputs[0]!.shape.map((size, axis) => ({
        axis,
        start: attributes.before[axis]!,
        end: attributes.before[axis]! + size,
      })),
    ),
  ],
  emit: (e, { before, after }) => e.node('Pad', [e.inputs[0]!, e.int64([...before, ...after])]),
};

/** Zeros before and after each axis. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  const nothing = [...before, ...after].every((amount) => amount === 0);
  return nothing ? x : applyOne(padOp, [x], { before, after });
}

export const concatOp: Op<{ axis: number }> = {
  name: 'concat',
  infer: (inputs, { axis }) => {
    const first = inputs[0]!;
    for (const other of inputs) {
      const fits =
        other.dtype === first.dtype &&
        other.shape.length === first.shape.length &&
        other.shape.every((size, i) => i === axis || size === first.shape[i]);
      if (!fits) throw shapeError('concat', inputs, `shapes differ beyond axis ${axis}`);
    }
    const joined = inputs.reduce((sum, x) => sum + x.shape[axis]!, 0);
    return [{ shape: first.shape.map((s, i) => (i === axis ? joined : s)), dtype: first.dtype }];
  },
  gradient: ({ inputs, gradient, attributes: { axis } }) => {
    let start = 0;
    return inputs.map((x) => {
      const part = slice(gradient, [{ axis, start, end: start + x.dim(axis) }]);
      start += x.dim(axis);
      return part;
    });
  },
  emit: (e, { axis }) => e.node('Concat', e.inputs, { axis }),
};

/** Joins tensors along an axis. */
export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  if (inputs.length === 1) return inputs[0]!;
  return applyOne(concatOp, inputs, { axis: resolveAxis('concat', inputs[0]!, axis) });
}

export const broadcastToOp: Op<{ shape: Shape }> = {
  name: 'broadcastTo',
  infer: ([x], { shape }) => {
    const offset = shape.length - x!.shape.length;
    const fits = offset >= 0 && x!.shape.every((s, i) => s === 1 || s === shape[i + offset]);
    if (!fits) throw shapeError('broadcastTo', [x!], `cannot be repeated to ${show(shape)}`);
    return [{ shape, dtype: x!.dtype }];
  },
  gradient: ({ inputs, gradient }) => [sumTo(gradient, inputs[0]!.shape)],
  emit: (e, { shape }) => e.node('Expand', [e.inputs[0]!, e.int64(shape)]),
};

/** Repeats along axes of size 1 and along new leading axes. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : applyOne(broadcastToOp, [x], { shape });
}

/** Reverses the order of the elements along an axis by gathering them backwards. */
export const reverseOp: Op<{ axes: readonly number[] }> = {
  name: 'reverse',
  infer: ([x], { axes }) => {
    axes.forEach((axis) => resolveAxis('reverse', x!, axis));
    return [{ shape: x!.shape, dtype: x!.dtype }];
  },
  gradient: ({ gradient, attributes }) => [reverse(gradient, attributes.axes)],
  emit: (e, { axes }) =>
    e.node('Slice', [
      e.inputs[0]!,
      e.int64(axes.map(() => -1)),
      e.int64(axes.map(() => -2147483648)),
      e.int64(axes),
      e.int64(axes.map(() => -1)),
    ]),
};

/** Reverses the order of the elements along each named (non-negative) axis. */
export function reverse(x: Tensor, axes: readonly number[]): Tensor {
  const needed = axes.filter((axis) => x.dim(axis) !== 1);
  return needed.length === 0 ? x : applyOne(reverseOp, [x], { axes: needed });
}
