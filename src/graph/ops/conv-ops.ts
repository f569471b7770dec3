/** Two-dimensional convolutions and their gradients. Images are [N, C, H, W]. */
import { applyOne, shapeError, type Emitter, type OnnxAttribute, type Op } from '../op.js';
import { inputsOf } from '../substitute.js';
import { constant, show, sizeOf, type Tensor, type TensorType } from '../tensor.js';
import { add } from './binary-ops.js';
import { matmul } from './matmul-op.js';
import { sum } from './reduce-ops.js';
import { concat, insertZeros, pad, reshape, reverse, slice, transpose } from './shape-ops.js';

/** Rows and columns of zeros around an image: top, left, bottom, right. */
export type Padding = readonly [number, number, number, number];

export interface ConvAttributes {
  readonly stride: readonly [number, number];
  readonly padding: Padding;
  /** Channels are convolved in this many separate groups. */
  readonly groups: number;
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;

/** Weight [O, C / groups, kh, kw]; optional bias [O]. */
export const conv2dOp: Op<ConvAttributes> = {
  name: 'conv2d',
  infer: (inputs, { stride, padding, groups }) => {
    const [x, w, bias] = inputs as readonly [TensorType, TensorType, TensorType | undefined];
    if (x.shape.length !== 4 || w.shape.length !== 4) {
      throw shapeError('conv2d', inputs, 'needs an image [N,C,H,W] and a weight [O,C,kh,kw]');
    }
    const [n, c, h, width] = x.shape as [number, number, number, number];
    const [o, cg, kh, kw] = w.shape as [number, number, number, number];
    if (![...stride, groups].every(isCount) || !padding.every((p) => isCount(p + 1))) {
      const given = `stride ${show(stride)} needs whole numbers from 1, padding ${show(padding)} from 0`;
      throw shapeError('conv2d', inputs, given);
    }
    if (o % groups !== 0) {
      throw shapeError('conv2d', inputs, `${o} output channels do not split into ${groups} groups`);
    }
    if (c !== cg * groups) {
      throw shapeError(
        'conv2d',
        inputs,
        `the weight takes ${cg * groups} channels in ${groups} group(s), the image has ${c}`,
      );
    }
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== o)) {
      throw shapeError('conv2d', inputs, `the bias must have shape [${o}]`);
    }
    const size = (length: number, kernel: number, before: number, after: number, step: number) =>
      Math.floor((length + before + after - kernel) / step) + 1;
    const oh = size(h, kh, padding[0], padding[2], stride[0]);
    const ow = size(width, kw, padding[1], padding[3], stride[1]);
    if (oh < 1 || ow < 1) throw shapeError('conv2d', inputs, 'the kernel is larger than the image');
    return [{ shape: [n, o, oh, ow], dtype: x.dtype }];
  },
  gradient: ({ inputs: [x, w, bias], gradient: dy, attributes, wanted }) => [
    wanted[0] ? inputGradient(x!, w!, dy, attributes) : undefined,
    wanted[1] ? weightGradient(x!, w!, dy, attributes) : undefined,
    ...(bias ? [sum(dy, [0, 2, 3])] : []),
  ],
  emit: (e, { stride, padding, groups }) => {
    const kernel = e.inputTypes[1]!.shape.slice(2);
    const attributes = { strides: stride, group: groups, kernel_shape: kernel };
    const padded = padding.some((amount) => amount > 0);
    if (e.device === 'webgpu' && padded && sizeOf([...kernel, ...stride]) === 1) {
      emitPointwise(e, attributes, padding);
    } else {
      e.node('Conv', e.inputs, { ...attributes, pads: padding });
    }
  },
};

/** Whether a dense convolution of stride 1 has fewer positions than output channels: weights outweigh images. */
function isSmallImage(w: Tensor, dy: Tensor, { stride, groups }: ConvAttributes): boolean {
  const positions = dy.dim(0) * dy.dim(2) * dy.dim(3);
  return groups === 1 && stride[0] === 1 && stride[1] === 1 && positions < w.dim(0);
}

/**
 * A padded 1x1 convolution for WebGPU, whose kernel for it leaves out padding below and to the right: the
 * padding goes around the result, before the bias.
 */
function emitPointwise(
  e: Emitter,
  attributes: Readonly<Record<string, OnnxAttribute>>,
  [top, left, bottom, right]: Padding,
): void {
  const [x, w, bias] = e.inputs as readonly [string, string, string | undefined];
  const [products, padded, column] = [e.temporary(), e.temporary(), e.temporary()];
  const amounts = e.int64([0, 0, top, left, 0, 0, bottom, right]);
  e.node('Conv', [x, w], attributes, { outputs: [products] });
  if (bias === undefined) {
    e.node('Pad', [products, amounts]);
  } else {
    e.node('Pad', [products, amounts], {}, { outputs: [padded] });
    e.node('Reshape', [bias, e.int64([-1, 1, 1])], {}, { outputs: [column] });
    e.node('Add', [padded, column]);
  }
}

/**
 * dX = conv(dY with zeros between its pixels, the flipped kernel with its channels swapped).
 * A plain convolution is faster than ONNX Runtime's ConvTranspose, and with a frozen weight the
 * flipped kernel is folded at load time. A trained one would be flipped in every run.
 */
function inputGradient(
  x: Tensor,
  w: Tensor,
  dy: Tensor,
  attributes: ConvAttributes,
): Tensor | undefined {
  const { stride, padding, groups } = attributes;
  if (isSmallImage(w, dy, attributes) && inputsOf([w]).length > 0) {
    return scatteredInputGradient(x, w, dy, padding);
  }
  const [o, cg, kh, kw] = w.shape as [number, number, number, number];
  const grouped = transpose(reshape(w, [groups, o / groups, cg, kh, kw]), [0, 2, 1, 3, 4]);
  const flipped = reverse(reshape(grouped, [groups * cg, o / groups, kh, kw]), [2, 3]);
  const spread = insertZeros(insertZeros(dy, 2, stride[0]), 3, stride[1]);
  const [before, left] = [kh - 1 - padding[0], kw - 1 - padding[1]];
  const after = x.dim(2) - spread.dim(2) - before + kh - 1;
  const right = x.dim(3) - spread.dim(3) - left + kw - 1;
  // Padding beyond the kernel means that border gradients fall outside and are cut off.
  const cut = (amount: number): number => Math.max(0, -amount);
  const ranges = [
    { axis: 2, start: cut(before), end: spread.dim(2) - cut(after) },
    { axis: 3, start: cut(left), end: spread.dim(3) - cut(right) },
  ];
  // Every window may lie in the padding: the image then has no part in the result.
  if (ranges.some(({ start, end }) => start >= end)) return undefined;
  const kept = slice(spread, ranges);
  const amounts = [before, left, after, right].map((amount) => Math.max(0, amount));
  return conv2d(kept, flipped, { padding: amounts as unknown as Padding, groups });
}

/** dX = Σ over taps (i, j) of Wᵢⱼᵀ dY shifted by (i, j): one product with the weight as it lies in memory. */
function scatteredInputGradient(x: Tensor, w: Tensor, dy: Tensor, padding: Padding): Tensor {
  const [o, c, kh, kw] = w.shape as [number, number, number, number];
  const [n, , h, width] = x.shape as [number, number, number, number];
  const [, , oh, ow] = dy.shape as [number, number, number, number];
  const flat = reshape(transpose(dy, [1, 0, 2, 3]), [o, n * oh * ow]);
  const product = matmul(reshape(w, [o, c * kh * kw]), flat, { transposeA: true });
  const taps = reshape(product, [c, kh * kw, n, oh, ow]);
  const [top, left] = padding;
  const shifted: Tensor[] = [];
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      // Position y of dY reaches row y + i - top of X; what falls outside was padding.
      const rows = overlap(oh, i - top, h);
      const columns = overlap(ow, j - left, width);
      if (rows === undefined || columns === undefined) continue;
      const tap = slice(taps, [
        { axis: 1, start: i * kw + j, end: i * kw + j + 1 },
        { axis: 3, start: rows.start, end: rows.end },
        { axis: 4, start: columns.start, end: columns.end },
      ]);
      const image = reshape(tap, [c, n, rows.end - rows.start, columns.end - columns.start]);
      const before = [0, 0, rows.before, columns.before];
      shifted.push(pad(image, before, [0, 0, rows.after, columns.after]));
    }
  }
  const [first, ...others] = shifted;
  const total =
    first === undefined
      ? constant(new Float32Array(sizeOf(x.shape)), [c, n, h, width])
      : others.reduce(add, first);
  return transpose(total, [1, 0, 2, 3]);
}

/** The part of `length` values that, moved by `shift`, lies in [0, size), and how far it is from either end. */
function overlap(
  length: number,
  shift: number,
  size: number,
): { start: number; end: number; before: number; after: number } | undefined {
  const start = Math.max(0, -shift);
  const end = Math.min(length, size - shift);
  if (start >= end) return undefined;
  return { start, end, before: start + shift, after: size - end - shift };
}

/** dW[o, c, i, j] = Σ over images and positions of dY[o] · X[c] shifted by (i, j). */
function weightGradient(x: Tensor, w: Tensor, dy: Tensor, attributes: ConvAttributes): Tensor {
  const { stride, padding, groups } = attributes;
  const [kh, kw] = [w.dim(2), w.dim(3)];
  const [top, left, bottom, right] = padding;
  // Channels go first: a sum over images and positions is then one matrix product.
  const padded = pad(transpose(x, [1, 0, 2, 3]), [0, 0, top, left], [0, 0, bottom, right]);
  const dyFirst = transpose(dy, [1, 0, 2, 3]);
  if (isSmallImage(w, dy, attributes)) return gatheredWeightGradient(padded, w, dyFirst);
  const dense = groups === 1 && stride[0] === 1 && stride[1] === 1 && kh > 1 && kw > 1;
  return dense
    ? denseWeightGradient(padded, w, dyFirst)
    : generalWeightGradient(padded, w, dyFirst, attributes);
}

/**
 * One product whose result lies in memory as the weight does; X is repeated for each tap, which costs less
 * than to reorder a weight that is larger than X.
 */
function gatheredWeightGradient(x: Tensor, w: Tensor, dy: Tensor): Tensor {
  const [o, c, kh, kw] = w.shape as [number, number, number, number];
  const [, n, oh, ow] = dy.shape as [number, number, number, number];
  const positions = n * oh * ow;
  const taps: Tensor[] = [];
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const shifted = slice(x, [
        { axis: 2, start: i, end: i + oh },
        { axis: 3, start: j, end: j + ow },
      ]);
      taps.push(reshape(shifted, [c, 1, positions]));
    }
  }
  const columns = reshape(concat(taps, 1), [c * kh * kw, positions]);
  return reshape(matmul(reshape(dy, [o, positions]), columns, { transposeB: true }), w.shape);
}

/**
 * With stride 1 every shift is an offset in memory once dY lies on X's padded grid, so slices are plain
 * copies: X is shifted by image rows, dY by columns, and all kh·kw sums are one product.
 */
function denseWeightGradient(x: Tensor, w: Tensor, dy: Tensor): Tensor {
  const [o, c, kh, kw] = w.shape as [number, number, number, number];
  const [, n, h, width] = x.shape as [number, number, number, number];
  const positions = n * h * width;
  const used = positions - (kh - 1) * width;
  const onGrid = reshape(pad(dy, [0, 0, 0, kw - 1], [0, 0, kh - 1, 0]), [o, positions]);
  const flat = reshape(x, [c, positions]);
  const shifted = (t: Tensor, start: number): Tensor =>
    slice(t, [{ axis: 1, start, end: start + used }]);
  const xs = Array.from({ length: kh }, (_, i) => shifted(flat, i * width));
  const dys = Array.from({ length: kw }, (_, j) => shifted(onGrid, kw - 1 - j));
  const product = matmul(concat(dys, 0), concat(xs, 0), { transposeB: true });
  return transpose(reshape(product, [kw, o, kh, c]), [1, 3, 2, 0]);
}

/** Any stride, kernel and number of groups: one product for each shift. */
function generalWeightGradient(
  x: Tensor,
  w: Tensor,
  dy: Tensor,
  { stride, groups }: ConvAttributes,
): Tensor {
  const [o, cg, kh, kw] = w.shape as [number, number, number, number];
  const [, n, oh, ow] = dy.shape as [number, number, number, number];
  const matrix = (t: Tensor, channels: number): Tensor =>
    reshape(t, [groups, channels / groups, n * oh * ow]);
  const dyMatrix = matrix(dy, o);
  const shifts: Tensor[] = [];
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const shifted = slice(x, [
        { axis: 2, start: i, end: i + (oh - 1) * stride[0] + 1, step: stride[0] },
        { axis: 3, start: j, end: j + (ow - 1) * stride[1] + 1, step: stride[1] },
      ]);
      const product = matmul(dyMatrix, matrix(shifted, cg * groups), { transposeB: true });
      shifts.push(reshape(product, [1, o, cg]));
    }
  }
  return reshape(transpose(concat(shifts, 0), [1, 2, 0]), w.shape);
}

export interface ConvOptions {
  readonly bias?: Tensor | undefined;
  /** One number, or that of rows and that of columns. */
  readonly stride?: number | readonly [number, number];
  /** Zeros on every side, or top, left, bottom, right. */
  readonly padding?: number | Padding;
  readonly groups?: number;
}

/** Cross-correlation as in PyTorch: weight [O, C / groups, kh, kw], bias [O]. */
export function conv2d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  const { bias, stride = 1, padding = 0, groups = 1 } = options;
  return applyOne(conv2dOp, bias ? [x, weight, bias] : [x, weight], {
    stride: typeof stride === 'number' ? [stride, stride] : stride,
    padding: typeof padding === 'number' ? [padding, padding, padding, padding] : padding,
    groups,
  });
}

/**
 * Transposed convolution as in PyTorch: weight [C, O, kh, kw], output (H - 1)·stride - 2·padding + kh.
 * It is the input gradient of `conv2d` with the same weight.
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  options: { bias?: Tensor | undefined; stride?: number; padding?: number } = {},
): Tensor {
  const { bias, stride = 1, padding = 0 } = options;
  const [c, , kh, kw] = weight.shape as [number, number, number, number];
  if (x.dim(1) !== c) {
    throw shapeError(
      'convTranspose2d',
      [x, weight],
      `the weight takes ${c} channels, the image has ${x.dim(1)}`,
    );
  }
  const kernel = reverse(transpose(weight, [1, 0, 2, 3]), [2, 3]);
  const spread = insertZeros(insertZeros(x, 2, stride), 3, stride);
  const [py, px] = [kh - 1 - padding, kw - 1 - padding];
  if (py < 0 || px < 0) {
    throw shapeError('convTranspose2d', [x, weight], `padding ${padding} exceeds kernel - 1`);
  }
  return conv2d(spread, kernel, { bias, padding: [py, px, py, px] });
}
