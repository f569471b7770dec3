/** Two-dimensional convolutions. Images are [N, C, H, W]. */
import { applyOne, shapeError, type Emitter, type OnnxAttribute, type Op } from '../op.js';
import { show, sizeOf, type Tensor, type TensorType } from '../tensor.js';
import { inputGradient, weightGradient } from './conv-gradients.js';
import { sum } from './reduce-ops.js';
import { insertZeros, reverse, transpose } from './shape-ops.js';

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
