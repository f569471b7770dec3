/** Convolution and pooling of images [N, C, H, W]. */
import * as graph from '../../../graph/index.js';
import type { Padding, Tensor } from '../../../graph/index.js';
import { checkedSize } from '../host-array.js';
import type { OnnxNode, Translations } from '../onnx-node.js';

/** Kernel, steps and padding of a sliding window. */
interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: Padding;
}

function pairOf(node: OnnxNode, name: string, fallback: readonly number[]): [number, number] {
  const values = node.list(name) ?? fallback;
  if (values.length !== 2)
    return node.fail(`${name} [${values.join(',')}] is not for images [N,C,H,W]`);
  return [values[0]!, values[1]!];
}

/** What no classifier has; the gradient of a pool has terms for each pixel of its window. */
const LARGEST_WINDOW = 256;

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;

function windowOf(node: OnnxNode, x: Tensor, weight?: Tensor): Window {
  if (x.rank !== 4) node.fail(`its operand has ${x.rank} axes, an image [N,C,H,W] has 4`);
  const kernel = pairOf(node, 'kernel_shape', weight ? weight.shape.slice(2) : []);
  const stride = pairOf(node, 'strides', [1, 1]);
  const dilation = pairOf(node, 'dilations', [1, 1]);
  const given = node.list('pads') ?? [0, 0, 0, 0];
  const counts = [...kernel, ...stride, ...dilation];
  if (given.length !== 4 || !counts.every(isCount) || !given.every((pad) => isCount(pad + 1))) {
    node.fail('kernel, strides and dilations must be whole numbers from 1, four pads from 0');
  }
  if ([...counts, ...given].some((value) => value > LARGEST_WINDOW)) {
    node.fail(`its windows reach further than ${LARGEST_WINDOW} pixels`);
  }
  const automatic = node.text('auto_pad', 'NOTSET');
  const pads = automatic.startsWith('SAME')
    ? samePadding(x, kernel, stride, dilation, automatic === 'SAME_LOWER')
    : automatic === 'VALID'
      ? [0, 0, 0, 0]
      : given;
  const extra =
    node.number('ceil_mode', 0) === 1 ? roundedUp(x, kernel, stride, dilation, pads) : [0, 0];
  const [top, left, bottom, right] = pads as [number, number, number, number];
  return {
    ...{ kernel, stride, dilation },
    padding: [top, left, bottom + extra[0]!, right + extra[1]!],
  };
}

/** TensorFlow's: output sizes are the input's divided by the stride, rounded up. */
function samePadding(
  x: Tensor,
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
  lower: boolean,
): number[] {
  const sides = [0, 1].map((axis) => {
    const size = x.dim(axis + 2);
    const reach = (kernel[axis]! - 1) * dilation[axis]! + 1;
    const total = Math.max(0, (Math.ceil(size / stride[axis]!) - 1) * stride[axis]! + reach - size);
    const [small, large] = [Math.floor(total / 2), Math.ceil(total / 2)];
    return lower ? [large, small] : [small, large];
  });
  return [sides[0]![0]!, sides[1]![0]!, sides[0]![1]!, sides[1]![1]!];
}

/** What must be added at the end so that a last, incomplete window counts (`ceil_mode`). */
function roundedUp(
  x: Tensor,
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
  pads: readonly number[],
): number[] {
  return [0, 1].map((axis) => {
    const reach = (kernel[axis]! - 1) * dilation[axis]! + 1;
    const size = x.dim(axis + 2) + pads[axis]! + pads[axis + 2]!;
    let count = Math.ceil((size - reach) / stride[axis]!) + 1;
    // A window that begins in the padding behind the image does not count.
    if ((count - 1) * stride[axis]! >= x.dim(axis + 2) + pads[axis]!) count--;
    return Math.max(0, (count - 1) * stride[axis]! + reach - size);
  });
}

function conv(node: OnnxNode): Tensor {
  const [x, weight] = [node.tensor(0), node.tensor(1)];
  const { stride, dilation, padding } = windowOf(node, x, weight);
  // A dilated kernel is one with zeros between its values.
  const spread = graph.insertZeros(graph.insertZeros(weight, 2, dilation[0]), 3, dilation[1]);
  const groups = node.number('group', 1);
  const bias = node.optional(2) === undefined ? undefined : node.tensor(2);
  return graph.conv2d(x, spread, { stride, padding, groups, ...(bias && { bias }) });
}

/** The side of a square window with one step, which is what the engine pools. */
function squareOf(node: OnnxNode, { kernel, stride, dilation }: Window): [number, number] {
  if (kernel[0] !== kernel[1] || stride[0] !== stride[1]) {
    node.fail(
      `windows of ${kernel.join('x')} with steps ${stride.join('x')}; square ones are pooled`,
    );
  }
  if (dilation.some((step) => step !== 1)) node.fail('its windows are dilated');
  return [kernel[0], stride[0]];
}

function maxPool(node: OnnxNode): Tensor {
  if (node.outputCount > 1) node.fail('its indices are used');
  const x = node.tensor(0);
  const window = windowOf(node, x);
  const [kernel, stride] = squareOf(node, window);
  return graph.maxPool2d(x, kernel, stride, window.padding);
}

function averagePool(node: OnnxNode): Tensor {
  const x = node.tensor(0);
  const window = windowOf(node, x);
  const { kernel, padding } = window;
  const isPadded = padding.some((amount) => amount !== 0);
  // As such it is recognised as the average of a map.
  if (!isPadded && kernel[0] === x.dim(2) && kernel[1] === x.dim(3))
    return graph.mean(x, [2, 3], true);
  const [side, stride] = squareOf(node, window);
  const given = node.list('pads') ?? [0, 0, 0, 0];
  const isRounded = padding.some((amount, i) => amount !== given[i]) && !node.has('auto_pad');
  const countPadding = node.number('count_include_pad', 0) === 1;
  checkedSize([x.dim(1), side, side]);
  if (countPadding && isRounded && given.some((amount) => amount !== 0)) {
    node.fail('padding counts in the mean, and windows are incomplete (ceil_mode)');
  }
  // What ceil_mode adds behind the image never counts.
  return graph.averagePool2d(x, side, stride, padding, {
    countPadding: countPadding && !isRounded,
  });
}

/** Reduces all positions, which stay as axes of size 1. */
const positions = (x: Tensor): number[] => x.shape.map((_, axis) => axis).slice(2);

export const CONVOLUTIONS: Translations = {
  Conv: conv,
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: (node) => graph.mean(node.tensor(0), positions(node.tensor(0)), true),
  GlobalMaxPool: (node) => graph.max(node.tensor(0), positions(node.tensor(0)), true),
};
