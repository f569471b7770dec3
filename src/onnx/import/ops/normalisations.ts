/** Normalisation, softmax and reductions. */
import * as graph from '../../../graph/index.js';
import { sizeOf, type Tensor } from '../../../graph/index.js';
import { elementwise, isHost, pick, type HostArray, type Value } from '../host-array.js';
import type { OnnxNode, Translation, Translations } from '../onnx-node.js';

/** A vector over channels as a factor of [N, C, …]. */
const perChannel = (vector: Tensor, x: Tensor): Tensor =>
  graph.reshape(vector, [1, vector.dim(0), ...x.shape.slice(2).map(() => 1)]);

/** (x − mean) / √(variance + ε) · scale + bias as one factor and one summand a channel. */
function batchNormalization(node: OnnxNode): Tensor {
  if (node.number('training_mode', 0) === 1) node.fail('it is in training mode');
  const x = node.tensor(0);
  const epsilon = node.number('epsilon', 1e-5);
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => node.host(i)) as [
    HostArray,
    HostArray,
    HostArray,
    HostArray,
  ];
  const factors = scale.data.map((s, i) => s / Math.sqrt(variance.data[i]! + epsilon));
  const summands = bias.data.map((b, i) => b - mean.data[i]! * factors[i]!);
  const tensor = (values: HostArray['data']): Tensor =>
    perChannel(graph.constant(Float32Array.from(values), [values.length]), x);
  return graph.add(graph.mul(x, tensor(factors)), tensor(summands));
}

/** Standardises over the axes from `axis` on, which are joined for it. */
function standardiseFrom(x: Tensor, axis: number, epsilon: number): Tensor {
  const joined = graph.reshape(x, [...x.shape.slice(0, axis), sizeOf(x.shape.slice(axis))]);
  return graph.reshape(graph.standardise(joined, epsilon), x.shape);
}

function layerNormalization(node: OnnxNode): Tensor {
  if (node.outputCount > 1) node.fail('its statistics are used');
  const x = node.tensor(0);
  const axis = node.axis(node.number('axis', -1), x.rank);
  const scaled = graph.mul(standardiseFrom(x, axis, node.number('epsilon', 1e-5)), node.tensor(1));
  return node.optional(2) === undefined ? scaled : graph.add(scaled, node.tensor(2));
}

/** With one group a channel this is instance normalisation. */
function groupNormalization(node: OnnxNode, groups: number): Tensor {
  const x = node.tensor(0);
  const [n, c] = x.shape as [number, number];
  const open = graph.reshape(x, [n, groups, sizeOf(x.shape) / n / groups]);
  const normal = graph.reshape(graph.standardise(open, node.number('epsilon', 1e-5)), x.shape);
  const affine = [node.tensor(1), node.tensor(2)].map((vector) => {
    if (vector.dim(0) === c) return perChannel(vector, x);
    // Before version 21 there is one value for each group.
    const repeated = graph.broadcastTo(graph.reshape(vector, [groups, 1]), [groups, c / groups]);
    return perChannel(graph.reshape(repeated, [c]), x);
  });
  return graph.add(graph.mul(normal, affine[0]!), affine[1]!);
}

/** Puts the axes that softmax is taken over last and joins them; `compute` gets [rows, width]. */
function overAxis(node: OnnxNode, compute: (x: Tensor) => Tensor): Tensor {
  const x = node.tensor(0);
  const legacy = node.opset < 13;
  const axis = node.axis(node.number('axis', legacy ? 1 : -1), x.rank);
  if (legacy || axis === x.rank - 1) {
    // Before version 13 all axes from `axis` on are one.
    const start = legacy ? axis : x.rank - 1;
    const width = sizeOf(x.shape.slice(start));
    return graph.reshape(compute(graph.reshape(x, [sizeOf(x.shape) / width, width])), x.shape);
  }
  const last = x.rank - 1;
  const swapped = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  return graph.transpose(compute(graph.transpose(x, swapped)), swapped);
}

function logSoftmax(x: Tensor): Tensor {
  const shifted = graph.sub(x, graph.max(x, [-1], true));
  return graph.sub(shifted, graph.log(graph.sum(graph.exp(shifted), [-1], true)));
}

type Reduce = (x: Tensor, axes: readonly number[], keepDims: boolean) => Tensor;

/** Axes come as an attribute in older models, as an operand in newer ones. */
const reduction =
  (traced: Reduce | undefined, known?: (values: readonly number[]) => number): Translation =>
  (node) => {
    const x = node.value(0);
    const given = node.has('axes') ? node.list('axes') : node.integers(1);
    if (given?.length === 0 && node.number('noop_with_empty_axes', 0) === 1) return x;
    const rank = x.shape.length;
    const axes = given?.length
      ? given.map((axis) => node.axis(axis, rank))
      : x.shape.map((_, i) => i);
    const keepDims = node.number('keepdims', 1) === 1;
    if (!isHost(x)) {
      if (traced === undefined) return node.fail('its operand must be known before the run');
      return traced(x, axes, keepDims);
    }
    if (known === undefined) return node.fail('its operand is known before the run');
    return reduceKnown(x, axes, keepDims, known);
  };

function reduceKnown(
  x: HostArray,
  axes: readonly number[],
  keepDims: boolean,
  known: (values: readonly number[]) => number,
): Value {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const groups = new Map<number, number[]>();
  const place = elementwise(
    [
      {
        kind: 'integer',
        shape: kept,
        data: Float64Array.from({ length: sizeOf(kept) }, (_, i) => i),
      },
      { kind: 'integer', shape: x.shape, data: new Float64Array(x.data.length) },
    ],
    'integer',
    (at) => at,
  )!;
  place.data.forEach((at: number, i: number) => {
    const group = groups.get(at) ?? [];
    group.push(x.data[i]!);
    groups.set(at, group);
  });
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  const reduced = Float64Array.from({ length: sizeOf(kept) }, (_, at) =>
    known(groups.get(at) ?? []),
  );
  return pick({ ...x, data: reduced }, shape, (i) => i);
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export const NORMALISATIONS: Translations = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  InstanceNormalization: (node) => groupNormalization(node, node.tensor(0).dim(1)),
  GroupNormalization: (node) => groupNormalization(node, node.number('num_groups', 1)),
  Softmax: (node) => overAxis(node, graph.softmax),
  LogSoftmax: (node) => overAxis(node, logSoftmax),
  ReduceMean: reduction(graph.mean, (values) => total(values) / values.length),
  ReduceSum: reduction(graph.sum, total),
  ReduceMax: reduction(graph.max, (values) => values.reduce((a, b) => Math.max(a, b))),
  ReduceMin: reduction(
    (x, axes, keepDims) => graph.neg(graph.max(graph.neg(x), axes, keepDims)),
    (values) => values.reduce((a, b) => Math.min(a, b)),
  ),
  ReduceProd: reduction(undefined, (values) => values.reduce((a, b) => a * b, 1)),
  ReduceL1: reduction((x, axes, keepDims) => graph.sum(graph.abs(x), axes, keepDims)),
  ReduceSumSquare: reduction((x, axes, keepDims) => graph.sum(graph.mul(x, x), axes, keepDims)),
  ReduceL2: reduction((x, axes, keepDims) =>
    graph.sqrt(graph.sum(graph.mul(x, x), axes, keepDims)),
  ),
};
