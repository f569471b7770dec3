/** Images [N, C, H, W] of another size, and pixels moved into channels and back. */
import * as graph from '../../../graph/index.js';
import type { Tensor } from '../../../graph/index.js';
import type { OnnxNode, Translations } from '../onnx-node.js';

/** Where place i of `to` lies among `from` places; `scale` is the factor between the sizes. */
type Coordinates = (i: number, from: number, to: number, scale: number) => number;

const COORDINATES: Readonly<Record<string, Coordinates>> = {
  half_pixel: (i, _from, _to, scale) => (i + 0.5) / scale - 0.5,
  pytorch_half_pixel: (i, _from, to, scale) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0),
  asymmetric: (i, _from, _to, scale) => i / scale,
  align_corners: (i, from, to) => (to > 1 ? (i * (from - 1)) / (to - 1) : 0),
};

const ROUNDING: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Keys' cubic kernel with parameter a, at distances up to 2. */
function cubic(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** The weights of places around x, before places beyond the ends are moved to them. */
function weightsAt(node: OnnxNode, x: number): [place: number, weight: number][] {
  const mode = node.text('mode', 'nearest');
  const low = Math.floor(x);
  if (mode === 'nearest') {
    const rule = node.text('nearest_mode', 'round_prefer_floor');
    // Before version 11 nearest was the place below.
    const round = node.opset < 11 ? Math.floor : ROUNDING[rule];
    return round ? [[round(x), 1]] : node.fail(`nearest_mode ${rule}`);
  }
  if (mode === 'linear') {
    return [
      [low, 1 - (x - low)],
      [low + 1, x - low],
    ];
  }
  if (mode !== 'cubic') return node.fail(`mode ${mode}`);
  const a = node.number('cubic_coeff_a', -0.75);
  return [-1, 0, 1, 2].map((k) => [low + k, cubic(x - low - k, a)]);
}

/** Matrix [to, from] of a resize of one axis. */
function matrixOf(node: OnnxNode, from: number, to: number, scale: number): Float32Array {
  const name = node.text(
    'coordinate_transformation_mode',
    node.opset < 11 ? 'asymmetric' : 'half_pixel',
  );
  const coordinates = Object.hasOwn(COORDINATES, name)
    ? COORDINATES[name]!
    : node.fail(`coordinate_transformation_mode ${name}`);
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    for (const [place, weight] of weightsAt(node, coordinates(i, from, to, scale))) {
      matrix[i * from + Math.min(from - 1, Math.max(0, place))]! += weight;
    }
  }
  return matrix;
}

/** Sizes that an image is resized to, and the factors: one of them is given, the sizes for some axes. */
function targetOf(node: OnnxNode, x: Tensor): { sizes: number[]; scales: number[] } {
  const axes = node.list('axes')?.map((axis) => node.axis(axis, x.rank)) ?? [0, 1, 2, 3];
  const onAxes = (given: readonly number[], others: readonly number[]): number[] =>
    others.map((other, axis) => (axes.includes(axis) ? given[axes.indexOf(axis)]! : other));
  const isOld = node.opType === 'Upsample' || node.opset < 11;
  const given = isOld ? undefined : node.integers(3);
  if (given?.length === axes.length) {
    const sizes = onAxes(given, x.shape);
    return { sizes, scales: sizes.map((size, axis) => size / x.dim(axis)) };
  }
  const factors = node.integers(isOld ? 1 : 2, 'scales');
  if (factors?.length !== axes.length) return node.fail('neither sizes nor scales fit its axes');
  const scales = onAxes(factors, [1, 1, 1, 1]);
  return { sizes: x.shape.map((size, axis) => Math.floor(size * scales[axis]!)), scales };
}

function resize(node: OnnxNode): Tensor {
  const x = node.tensor(0);
  if (x.rank !== 4) node.fail(`its operand has ${x.rank} axes, an image [N,C,H,W] has 4`);
  if (node.number('antialias', 0) === 1) node.fail('antialias is not known here');
  if (node.number('exclude_outside', 0) === 1) node.fail('exclude_outside is not known here');
  const policy = node.text('keep_aspect_ratio_policy', 'stretch');
  if (policy !== 'stretch') node.fail(`keep_aspect_ratio_policy ${policy} is not known here`);
  const { sizes, scales } = targetOf(node, x);
  const [n, c, height, width] = sizes as [number, number, number, number];
  if (n !== x.dim(0) || c !== x.dim(1)) node.fail('only height and width can change');
  const across = resizedAxis(node, x, 3, width, scales[3]!);
  return resizedAxis(node, across, 2, height, scales[2]!);
}

/** Most pixels of a side: what a classifier makes larger in its graph is a map. */
const MOST_PIXELS = 2048;

function resizedAxis(node: OnnxNode, x: Tensor, axis: 2 | 3, to: number, scale: number): Tensor {
  const from = x.dim(axis);
  if (from === to && scale === 1) return x;
  if (!(to >= 1 && to <= MOST_PIXELS && from <= MOST_PIXELS)) {
    node.fail(`${from} pixels cannot become ${to}`);
  }
  const matrix = matrixOf(node, from, to, scale);
  const factor = to / from;
  const isRepeated = matrix.every((weight, i) => {
    return weight === Number(Math.floor(Math.floor(i / from) / factor) === i % from);
  });
  if (Number.isInteger(factor) && isRepeated) return repeated(x, axis, factor);
  const weights = graph.constant(matrix, [to, from]);
  return axis === 3 ? graph.matmul(x, weights, { transposeB: true }) : graph.matmul(weights, x);
}

/** Each element of an axis several times in a row. */
function repeated(x: Tensor, axis: number, factor: number): Tensor {
  const open = [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)];
  const copies = open.map((size, i) => (i === axis + 1 ? factor : size));
  const shape = x.shape.map((size, i) => (i === axis ? size * factor : size));
  return graph.reshape(graph.broadcastTo(graph.reshape(x, open), copies), shape);
}

/** Column-row-depth order, as PyTorch's pixel shuffle, or depth-column-row order. */
function depthToSpace(node: OnnxNode): Tensor {
  const [x, block] = [node.tensor(0), node.number('blocksize', 1)];
  if (node.text('mode', 'DCR') === 'CRD') return graph.depthToSpace(x, block);
  if (x.rank !== 4) node.fail(`its operand has ${x.rank} axes, an image [N,C,H,W] has 4`);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const open = graph.reshape(x, [n, block, block, c / block ** 2, h, w]);
  const moved = graph.transpose(open, [0, 3, 4, 1, 5, 2]);
  return graph.reshape(moved, [n, c / block ** 2, h * block, w * block]);
}

/** Places inside a block go before the channels. */
function spaceToDepth(node: OnnxNode): Tensor {
  const [x, block] = [node.tensor(0), node.number('blocksize', 1)];
  if (x.rank !== 4) node.fail(`its operand has ${x.rank} axes, an image [N,C,H,W] has 4`);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const open = graph.reshape(x, [n, c, h / block, block, w / block, block]);
  const moved = graph.transpose(open, [0, 3, 5, 1, 2, 4]);
  return graph.reshape(moved, [n, c * block ** 2, h / block, w / block]);
}

export const RESIZING: Translations = {
  DepthToSpace: depthToSpace,
  Resize: resize,
  SpaceToDepth: spaceToDepth,
  Upsample: resize,
};
