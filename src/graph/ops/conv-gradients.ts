/**
 * Gradients of two-dimensional convolutions, each in several forms of the same sum: which is fastest depends on the
 * shapes (`node scripts/convolutions.mjs` measures them). Images are [N, C, H, W].
 */
import { inputsOf } from '../substitute.js';
import { constant, sizeOf, type Tensor } from '../tensor.js';
import { add } from './binary-ops.js';
import { conv2d, type ConvAttributes, type Padding } from './conv-ops.js';
import { matmul } from './matmul-op.js';
import { concat, insertZeros, pad, reshape, reverse, slice, transpose } from './shape-ops.js';

/** How dX is computed. */
export type InputForm = 'flipped' | 'scattered';
/** How dW is computed. */
export type WeightForm = 'gathered' | 'dense' | 'general';

/** The forms that can compute the gradients of such a convolution. */
export function possibleForms(
  w: Tensor,
  { stride, groups }: ConvAttributes,
): { readonly input: readonly InputForm[]; readonly weight: readonly WeightForm[] } {
  const isDense = groups === 1 && stride[0] === 1 && stride[1] === 1;
  if (!isDense) return { input: ['flipped'], weight: ['general'] };
  const isWide = w.dim(2) > 1 && w.dim(3) > 1;
  return {
    input: ['flipped', 'scattered'],
    weight: ['gathered', ...(isWide ? (['dense'] as const) : []), 'general'],
  };
}

/** Chosen by measurement; docs/decisions/0009-forms-of-convolution-gradients.md. */
export function chosenForms(
  w: Tensor,
  dy: Tensor,
  attributes: ConvAttributes,
): { readonly input: InputForm; readonly weight: WeightForm } {
  const { input, weight } = possibleForms(w, attributes);
  const isSmall = weight.includes('gathered') && isSmallImage(w, dy);
  const isGathered = isSmall || (weight.includes('dense') && isMostlyPadding(w, dy));
  // The flipped kernel of a frozen weight is folded when the graph is compiled.
  const isTrained = inputsOf([w]).length > 0;
  return {
    input: isSmall && isTrained ? 'scattered' : input[0]!,
    weight: isGathered ? 'gathered' : weight.includes('dense') ? 'dense' : 'general',
  };
}

/** Whether the weight outweighs the images: there are fewer positions than output channels. */
const isSmallImage = (w: Tensor, dy: Tensor): boolean =>
  dy.dim(0) * dy.dim(2) * dy.dim(3) < w.dim(0);

/** Whether the grid on which `dense` lays dY has twice its positions. */
const isMostlyPadding = (w: Tensor, dy: Tensor): boolean =>
  (dy.dim(2) + w.dim(2) - 1) * (dy.dim(3) + w.dim(3) - 1) >= 2 * dy.dim(2) * dy.dim(3);

/** dX of Y = conv(X, W); undefined where no value of X reaches a result. */
export function inputGradient(
  x: Tensor,
  w: Tensor,
  dy: Tensor,
  attributes: ConvAttributes,
  form: InputForm = chosenForms(w, dy, attributes).input,
): Tensor | undefined {
  return form === 'scattered'
    ? scatteredInputGradient(x, w, dy, attributes)
    : flippedInputGradient(x, w, dy, attributes);
}

/** dW[o, c, i, j] = Σ over images and positions of dY[o] · X[c] shifted by (i, j). */
export function weightGradient(
  x: Tensor,
  w: Tensor,
  dy: Tensor,
  attributes: ConvAttributes,
  form: WeightForm = chosenForms(w, dy, attributes).weight,
): Tensor {
  const [top, left, bottom, right] = attributes.padding;
  // Channels go first: a sum over images and positions is then one matrix product.
  const padded = pad(transpose(x, [1, 0, 2, 3]), [0, 0, top, left], [0, 0, bottom, right]);
  const dyFirst = transpose(dy, [1, 0, 2, 3]);
  switch (form) {
    case 'gathered':
      return gatheredWeightGradient(padded, w, dyFirst);
    case 'dense':
      return denseWeightGradient(padded, w, dyFirst);
    case 'general':
      return generalWeightGradient(padded, w, dyFirst, attributes);
  }
}

/**
 * dX = conv(dY with zeros between its pixels, the flipped kernel with its channels swapped).
 * A plain convolution is faster than ONNX Runtime's ConvTranspose, and with a frozen weight the
 * flipped kernel is folded at load time. A trained one is flipped in every run.
 */
function flippedInputGradient(
  x: Tensor,
  w: Tensor,
  dy: Tensor,
  attributes: ConvAttributes,
): Tensor | undefined {
  const { stride, padding, groups } = attributes;
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
function scatteredInputGradient(
  x: Tensor,
  w: Tensor,
  dy: Tensor,
  { padding }: ConvAttributes,
): Tensor {
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
