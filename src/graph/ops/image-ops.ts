/** Pooling and resizing of images [N, C, H, W], composed of primitives except the two kernels here. */
import { applyOne, shapeError, type Op } from '../op.js';
import { constant, type Tensor } from '../tensor.js';
import { add, div, equal, mul } from './binary-ops.js';
import { castFloat } from './cast-ops.js';
import { conv2d, type Padding } from './conv-ops.js';
import { matmul } from './matmul-op.js';
import { mean } from './reduce-ops.js';
import { broadcastTo, insertZeros, pad, reshape, slice, transpose } from './shape-ops.js';

interface PoolAttributes {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
}

export const maxPool2dOp: Op<PoolAttributes> = {
  name: 'maxPool2d',
  infer: ([x], { kernel, stride, padding: [top, left, bottom, right] }) => {
    const [n, c, h, w] = x!.shape as [number, number, number, number];
    const oh = Math.floor((h + top + bottom - kernel) / stride) + 1;
    const ow = Math.floor((w + left + right - kernel) / stride) + 1;
    const empty = Math.max(top, left, bottom, right) >= kernel;
    if (x!.shape.length !== 4 || oh < 1 || ow < 1 || empty) {
      throw shapeError('maxPool2d', [x!], `a ${kernel}x${kernel} window does not fit`);
    }
    return [{ shape: [n, c, oh, ow], dtype: x!.dtype }];
  },
  // Each maximum's gradient goes to where it came from; ties inside the image share it equally.
  gradient: ({ inputs: [x], outputs: [y], gradient, attributes }) => {
    const { kernel, stride, padding } = attributes;
    const [top, left, bottom, right] = padding;
    const padded = pad(x!, [0, 0, top, left], [0, 0, bottom, right]);
    const [h, w] = [padded.dim(2), padded.dim(3)];
    const [oh, ow] = [y!.dim(2), y!.dim(3)];
    const inside = padding.every((amount) => amount === 0)
      ? undefined
      : insideMask([h, w], padding);
    const windows = Array.from({ length: kernel * kernel }, (_, k) => {
      const [i, j] = [Math.floor(k / kernel), k % kernel];
      const take = (from: Tensor): Tensor =>
        slice(from, [
          { axis: 2, start: i, end: i + (oh - 1) * stride + 1, step: stride },
          { axis: 3, start: j, end: j + (ow - 1) * stride + 1, step: stride },
        ]);
      const equals = castFloat(equal(take(padded), y!));
      // A maximum of 0 must not share its gradient with the zeros of the padding.
      return { i, j, hit: inside ? mul(equals, take(inside)) : equals };
    });
    const share = div(
      gradient,
      windows.map((window) => window.hit).reduce((a, b) => add(a, b)),
    );
    const placed = windows.map(({ i, j, hit }) => {
      const spread = insertZeros(insertZeros(mul(hit, share), 2, stride), 3, stride);
      return pad(spread, [0, 0, i, j], [0, 0, h - i - spread.dim(2), w - j - spread.dim(3)]);
    });
    const total = placed.reduce((a, b) => add(a, b));
    return [
      slice(total, [
        { axis: 2, start: top, end: h - bottom },
        { axis: 3, start: left, end: w - right },
      ]),
    ];
  },
  emit: (e, { kernel, stride, padding }) =>
    e.node('MaxPool', e.inputs, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: padding,
    }),
};

/** [1, 1, h, w]: 1 in the image, 0 in the padding around it. */
function insideMask([h, w]: readonly [number, number], padding: Padding): Tensor {
  const [top, left, bottom, right] = padding;
  const values = Array.from({ length: h * w }, (_, i) => {
    const [row, column] = [Math.floor(i / w), i % w];
    return Number(row >= top && row < h - bottom && column >= left && column < w - right);
  });
  return constant(values, [1, 1, h, w]);
}

/** Largest value of each window; padding never wins. It must be smaller than the kernel. */
export function maxPool2d(
  x: Tensor,
  kernel: number,
  stride: number,
  padding: number | Padding,
): Tensor {
  return applyOne(maxPool2dOp, [x], { kernel, stride, padding: allSides(padding) });
}

/** One number stands for all four sides. */
const allSides = (padding: number | Padding): Padding =>
  typeof padding === 'number' ? [padding, padding, padding, padding] : padding;

/**
 * Mean of each window. Padding has no part in it, as with PyTorch's `count_include_pad=False`, unless
 * `countPadding`; it must be smaller than the kernel.
 */
export function averagePool2d(
  x: Tensor,
  kernel: number,
  stride: number,
  padding: number | Padding,
  options: { countPadding?: boolean } = {},
): Tensor {
  const sides = allSides(padding);
  const most = Math.max(...sides);
  if (most >= kernel) {
    throw shapeError('averagePool2d', [x], `padding ${most} fills a ${kernel}x${kernel} window`);
  }
  const c = x.dim(1);
  const plain = most === 0 || options.countPadding === true;
  const weight = new Float32Array(c * kernel * kernel).fill(plain ? 1 / kernel ** 2 : 1);
  const kernels = constant(weight, [c, 1, kernel, kernel]);
  const sums = conv2d(x, kernels, { stride, padding: sides, groups: c });
  if (plain) return sums;
  const [h, w] = [x.dim(2), x.dim(3)];
  const rows = pixelsInside(h, sums.dim(2), kernel, stride, sides[0]);
  const columns = pixelsInside(w, sums.dim(3), kernel, stride, sides[1]);
  const shares = rows.flatMap((row) => columns.map((column) => 1 / (row * column)));
  return mul(sums, constant(shares, [1, 1, rows.length, columns.length]));
}

/** How many pixels of an axis of `size` each of `count` windows holds. */
function pixelsInside(
  size: number,
  count: number,
  kernel: number,
  stride: number,
  padding: number,
): number[] {
  return Array.from({ length: count }, (_, i) => {
    const start = i * stride - padding;
    return Math.min(start + kernel, size) - Math.max(start, 0);
  });
}

/** Mean over all positions: [N, C, H, W] to [N, C]. */
export function globalAveragePool(x: Tensor): Tensor {
  return mean(x, [2, 3]);
}

/** Repeats every pixel `factor` times along both axes. */
export function upsampleNearest(x: Tensor, factor: number): Tensor {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const open = reshape(x, [n, c, h, 1, w, 1]);
  return reshape(broadcastTo(open, [n, c, h, factor, w, factor]), [n, c, h * factor, w * factor]);
}

/** Moves each `block`×`block` patch of pixels into the channels: [N, C, H, W] to [N, C·b², H/b, W/b]. */
export function spaceToDepth(x: Tensor, block: number): Tensor {
  if (block === 1) return x;
  const [n, c, h, w] = x.shape as [number, number, number, number];
  if (h % block !== 0 || w % block !== 0) {
    throw shapeError(
      'spaceToDepth',
      [x],
      `${h}x${w} pixels do not split into ${block}x${block} blocks`,
    );
  }
  const open = reshape(x, [n, c, h / block, block, w / block, block]);
  const moved = transpose(open, [0, 1, 3, 5, 2, 4]);
  return reshape(moved, [n, c * block * block, h / block, w / block]);
}

/** The inverse of `spaceToDepth`. */
export function depthToSpace(x: Tensor, block: number): Tensor {
  if (block === 1) return x;
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const channels = c / (block * block);
  if (!Number.isInteger(channels)) {
    throw shapeError('depthToSpace', [x], `${c} channels do not hold ${block}x${block} blocks`);
  }
  const open = reshape(x, [n, channels, block, block, h, w]);
  return reshape(transpose(open, [0, 1, 4, 2, 5, 3]), [n, channels, h * block, w * block]);
}

/**
 * Matrix [to, from] of one-dimensional linear interpolation with half-pixel centres and clamped
 * borders: `align_corners=False` without antialiasing.
 */
export function interpolationMatrix(from: number, to: number): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(centre);
    const high = Math.min(low + 1, from - 1);
    matrix[i * from + low]! += 1 - (centre - low);
    matrix[i * from + high]! += centre - low;
  }
  return matrix;
}

/** Bilinear resize to [height, width] as PyTorch's `interpolate(mode='bilinear')`: A·X·Bᵀ. */
export function resizeBilinear(x: Tensor, height: number, width: number): Tensor {
  const [h, w] = [x.dim(2), x.dim(3)];
  const across =
    w === width
      ? x
      : matmul(x, constant(interpolationMatrix(w, width), [width, w]), { transposeB: true });
  return h === height
    ? across
    : matmul(constant(interpolationMatrix(h, height), [height, h]), across);
}
