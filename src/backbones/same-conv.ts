import type { Padding, Tensor } from '../graph/index.js';
import { conv2d, type Parameters } from '../nn/index.js';

export interface SameConvOptions {
  readonly stride?: number;
  readonly groups?: number;
  readonly bias?: boolean;
}

/**
 * Convolution with TensorFlow's SAME padding: the output has ceil(size / stride) pixels, and where the
 * number of zeros is odd one more goes below and to the right.
 */
export function sameConv(
  p: Parameters,
  x: Tensor,
  out: number,
  kernel: number,
  options: SameConvOptions = {},
): Tensor {
  const { stride = 1, groups = 1, bias = false } = options;
  const zeros = (size: number): number =>
    Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
  const [vertical, horizontal] = [zeros(x.dim(2)), zeros(x.dim(3))];
  const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)];
  const padding: Padding = [top, left, vertical - top, horizontal - left];
  return conv2d(p, x, out, kernel, { bias, stride, padding, groups });
}
