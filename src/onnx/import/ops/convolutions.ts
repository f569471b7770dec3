/** Convolution, pooling and resizing of images [N, C, H, W]. */
import * as graph from '../../../graph/index.js';
import type { Padding, Tensor } from '../../../graph/index.js';
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

function windowOf(node: OnnxNode, x: Tensor, weight?: Tensor): Window {
  if (x.rank !== 4) node.fail(`its operand has ${x.rank} axes, an image [N,C,H,W] has 4`);
  const kernel = pairOf(node, 'kernel_shape', weight ? weight.shape.slice(2) : []);
  const stride = pairOf(node, 'strides', [1, 1]);
  const dilation = pairOf(node, 'dilations', [1, 1]);
  const given = node.list('pads') ?? [0, 0, 0, 0];
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
  const [kernel, stride] = squareOf(node, window);
  const countPadding = node.number('count_include_pad', 0) === 1;
  if (countPadding && node.number('ceil_mode', 0) === 1) {
    const given = node.list('pads') ?? [0, 0, 0, 0];
    if (window.padding.some((amount, i) => amount !== given[i])) {
      node.fail('incomplete windows with padding in the mean (ceil_mode with count_include_pad)');
    }
  }
  return graph.averagePool2d(x, kernel, stride, window.padding, { countPadding });
}

/** Reduces all positions, which stay as axes of size 1. */
const positions = (x: Tensor): number[] => x.shape.map((_, axis) => axis).slice(2);

/** Sizes that an image is resized to: given as such, or as factors. */
function resizedShape(node: OnnxNode, x: Tensor): number[] {
  const at = node.opType === 'Upsample' ? 1 : 2;
  const sizes = node.opType === 'Upsample' ? undefined : node.integers(3);
  if (sizes !== undefined && sizes.length > 0) return sizes;
  const factors = node.integers(at, 'scales') ?? [];
  if (factors.length !== x.rank) node.fail('neither sizes nor factors are known for each axis');
  return x.shape.map((size, axis) => Math.floor(size * factors[axis]!));
}

function resize(node: OnnxNode): Tensor {
  const x = node.tensor(0);
  const shape = resizedShape(node, x);
  const [n, c, height, width] = shape as [number, number, number, number];
  if (x.rank !== 4 || n !== x.dim(0) || c !== x.dim(1))
    node.fail('only positions of images are resized');
  const mode = node.text('mode', 'nearest');
  const places = node.text('coordinate_transformation_mode', 'half_pixel');
  if (mode === 'linear' && (places === 'half_pixel' || places === 'pytorch_half_pixel')) {
    return graph.resizeBilinear(x, height, width);
  }
  const factor = height / x.dim(2);
  if (mode === 'nearest' && Number.isInteger(factor) && factor * x.dim(3) === width) {
    return graph.upsampleNearest(x, factor);
  }
  return node.fail(
    `mode ${mode} with coordinates ${places} from ${x.shape.join('x')} to ${shape.join('x')}`,
  );
}

/** Column-row-depth order, as PyTorch's pixel shuffle, or depth-column-row order. */
function depthToSpace(node: OnnxNode): Tensor {
  const [x, block] = [node.tensor(0), node.number('blocksize', 1)];
  if (node.text('mode', 'DCR') === 'CRD') return graph.depthToSpace(x, block);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const open = graph.reshape(x, [n, block, block, c / block ** 2, h, w]);
  const moved = graph.transpose(open, [0, 3, 4, 1, 5, 2]);
  return graph.reshape(moved, [n, c / block ** 2, h * block, w * block]);
}

export const CONVOLUTIONS: Translations = {
  Conv: conv,
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: (node) => graph.mean(node.tensor(0), positions(node.tensor(0)), true),
  GlobalMaxPool: (node) => graph.max(node.tensor(0), positions(node.tensor(0)), true),
  Resize: resize,
  Upsample: resize,
  DepthToSpace: depthToSpace,
};
