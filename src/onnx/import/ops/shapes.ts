/** Values moved, cut and joined; shapes themselves, which are known at import. */
import * as graph from '../../../graph/index.js';
import { sizeOf, type Shape } from '../../../graph/index.js';
import {
  asTensor,
  broadcastShape,
  floats,
  integers,
  isHost,
  pick,
  withShape,
  type HostArray,
  type Value,
} from '../host-array.js';
import type { OnnxNode, Translations } from '../onnx-node.js';

const reshaped = (x: Value, shape: Shape): Value =>
  isHost(x) ? withShape(x, shape) : graph.reshape(x, shape);

function reshape(node: OnnxNode): Value {
  const x = node.value(0);
  const asked = node.integers(1, 'shape') ?? node.fail('the new shape is missing');
  const keepsZeros = node.number('allowzero', 0) === 1;
  const sizes = asked.map((size, axis) => (size === 0 && !keepsZeros ? x.shape[axis]! : size));
  const known = sizeOf(sizes.filter((size) => size !== -1));
  const shape = sizes.map((size) => (size === -1 ? sizeOf(x.shape) / known : size));
  if (sizeOf(shape) !== sizeOf(x.shape)) {
    node.fail(`a value of shape [${x.shape.join(',')}] does not fill [${asked.join(',')}]`);
  }
  return reshaped(x, shape);
}

function flatten(node: OnnxNode): Value {
  const x = node.value(0);
  const given = node.number('axis', 1);
  const axis = given === x.shape.length ? given : node.axis(given, x.shape.length);
  return reshaped(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
}

function squeeze(node: OnnxNode): Value {
  const x = node.value(0);
  const axes = node.integers(1, 'axes')?.map((axis) => node.axis(axis, x.shape.length));
  return reshaped(
    x,
    x.shape.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1)),
  );
}

function unsqueeze(node: OnnxNode): Value {
  const x = node.value(0);
  const given = node.integers(1, 'axes') ?? node.fail('its axes are missing');
  const rank = x.shape.length + given.length;
  const axes = given.map((axis) => node.axis(axis, rank));
  const sizes = [...x.shape];
  return reshaped(
    x,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : sizes.shift()!)),
  );
}

/** Distance in memory of neighbours along each axis. */
const stridesOf = (shape: Shape): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** The place in `from` of element i of an array of another shape whose axes step as `strides` say. */
function placeAlong(shape: Shape, strides: readonly number[], start = 0): (i: number) => number {
  return (i) => {
    let [rest, at] = [i, start];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return at;
  };
}

function transpose(node: OnnxNode): Value {
  const x = node.value(0);
  const axes = node.list('perm') ?? x.shape.map((_, i) => x.shape.length - 1 - i);
  if (!isHost(x)) return graph.transpose(x, axes);
  const shape = axes.map((axis) => x.shape[axis]!);
  const strides = stridesOf(x.shape);
  return pick(
    x,
    shape,
    placeAlong(
      shape,
      axes.map((axis) => strides[axis]!),
    ),
  );
}

function concat(node: OnnxNode): Value {
  const values = node.values;
  const axis = node.axis(node.number('axis', 0), values[0]!.shape.length);
  if (!values.every(isHost)) return graph.concat(values.map(asTensor), axis);
  const first = values[0]!;
  const outer = sizeOf(first.shape.slice(0, axis));
  const widths = values.map((value) => value.data.length / outer);
  const data: number[] = [];
  for (let i = 0; i < outer; i++) {
    values.forEach((value, k) => {
      for (let j = 0; j < widths[k]!; j++) data.push(value.data[i * widths[k]! + j]!);
    });
  }
  const joined = values.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const shape = first.shape.map((size, i) => (i === axis ? joined : size));
  return first.kind === 'float'
    ? floats(Float32Array.from(data), shape)
    : { ...integers(data, shape), kind: first.kind };
}

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Python's slices: negative places count from the end, and what lies beyond an end is cut off. */
function rangesOf(node: OnnxNode, shape: Shape): Range[] {
  const starts = node.integers(1, 'starts') ?? node.fail('its starts are missing');
  const ends = node.integers(2, 'ends') ?? node.fail('its ends are missing');
  const axes = node.integers(3, 'axes') ?? starts.map((_, i) => i);
  const steps = node.integers(4) ?? starts.map(() => 1);
  return starts.map((given, i) => {
    const axis = node.axis(axes[i]!, shape.length);
    const [size, step] = [shape[axis]!, steps[i]!];
    const place = (at: number, low: number, high: number): number =>
      Math.min(high, Math.max(low, at < 0 ? at + size : at));
    const isForward = step > 0;
    const start = isForward ? place(given, 0, size) : place(given, 0, size - 1);
    const end = isForward ? place(ends[i]!, 0, size) : place(ends[i]!, -1, size - 1);
    return { axis, start, end, step };
  });
}

function slice(node: OnnxNode): Value {
  const x = node.value(0);
  const ranges = rangesOf(node, x.shape);
  if (isHost(x)) {
    const shape = [...x.shape];
    const strides = stridesOf(x.shape);
    let first = 0;
    for (const { axis, start, end, step } of ranges) {
      shape[axis] = Math.max(0, Math.ceil((end - start) / step));
      first += start * strides[axis]!;
      strides[axis]! *= step;
    }
    return pick(x, shape, placeAlong(shape, strides, first));
  }
  return ranges.reduce((tensor, { axis, start, end, step }) => {
    if (step > 0) return graph.slice(tensor, [{ axis, start, end, step }]);
    // Backwards: what is taken, from its last element on, in reverse.
    const count = Math.ceil((end - start) / step);
    const from = start + (count - 1) * step;
    const taken = graph.slice(tensor, [{ axis, start: from, end: start + 1, step: -step }]);
    return graph.reverse(taken, [axis]);
  }, x);
}

function split(node: OnnxNode): Value[] {
  const x = node.tensor(0);
  const axis = node.axis(node.number('axis', 0), x.rank);
  const parts = node.number('num_outputs', node.outputCount);
  const each = Math.ceil(x.dim(axis) / parts);
  const sizes =
    node.integers(1, 'split') ??
    Array.from({ length: parts }, (_, i) => Math.min(each, x.dim(axis) - i * each));
  let start = 0;
  return sizes.map((size) => {
    const part = graph.slice(x, [{ axis, start, end: start + size }]);
    start += size;
    return part;
  });
}

/** Known indices along one axis; a single index without axes takes that axis away. */
function gather(node: OnnxNode): Value {
  const [x, indices] = [node.value(0), node.host(1)];
  const axis = node.axis(node.number('axis', 0), x.shape.length);
  const size = x.shape[axis]!;
  const wanted = Array.from(indices.data, (index) => (index < 0 ? index + size : index));
  const wrong = wanted.find((index) => index < 0 || index >= size);
  if (wrong !== undefined) node.fail(`index ${wrong} is outside of an axis of ${size}`);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  if (isHost(x)) {
    const inner = sizeOf(x.shape.slice(axis + 1));
    return pick(x, shape, (i) => {
      const [rest, offset] = [Math.floor(i / inner), i % inner];
      const [outer, k] = [Math.floor(rest / wanted.length), rest % wanted.length];
      return (outer * size + wanted[k]!) * inner + offset;
    });
  }
  const runs: { start: number; end: number }[] = [];
  for (const index of wanted) {
    const last = runs.at(-1);
    if (last?.end === index) last.end++;
    else runs.push({ start: index, end: index + 1 });
  }
  const parts = runs.map((run) => graph.slice(x, [{ axis, ...run }]));
  return graph.reshape(graph.concat(parts, axis), shape);
}

function expand(node: OnnxNode): Value {
  const x = node.value(0);
  const asked = node.integers(1) ?? [];
  const shape = broadcastShape([x.shape, asked]);
  if (shape === undefined) {
    return node.fail(`[${x.shape.join(',')}] is not repeated to [${asked.join(',')}]`);
  }
  if (!isHost(x)) return graph.broadcastTo(x, shape);
  const [own, strides] = [x.shape, stridesOf(x.shape)];
  const offset = shape.length - own.length;
  const steps = shape.map((_, axis) =>
    axis < offset || own[axis - offset] === 1 ? 0 : strides[axis - offset]!,
  );
  return pick(x, shape, placeAlong(shape, steps));
}

function tile(node: OnnxNode): Value {
  const x = node.tensor(0);
  const repeats = node.integers(1) ?? [];
  return repeats.reduce(
    (tensor, count, axis) =>
      count === 1
        ? tensor
        : graph.concat(
            Array.from({ length: count }, () => tensor),
            axis,
          ),
    x,
  );
}

function pad(node: OnnxNode): Value {
  const x = node.tensor(0);
  const mode = node.text('mode', 'constant');
  const value = node.optional(2) === undefined ? node.number('value', 0) : node.host(2).data[0]!;
  if (mode !== 'constant' || value !== 0) node.fail(`mode ${mode} with ${value}; zeros are padded`);
  const amounts = node.integers(1, 'pads') ?? node.fail('its amounts are missing');
  const axes = node.integers(3)?.map((axis) => node.axis(axis, x.rank)) ?? x.shape.map((_, i) => i);
  const before = x.shape.map(() => 0);
  const after = x.shape.map(() => 0);
  axes.forEach((axis, i) => {
    before[axis] = amounts[i]!;
    after[axis] = amounts[i + axes.length]!;
  });
  // A negative amount cuts off.
  const kept = x.shape.map((size, axis) => ({
    axis,
    start: Math.max(0, -before[axis]!),
    end: size - Math.max(0, -after[axis]!),
  }));
  const positive = (list: number[]): number[] => list.map((amount) => Math.max(0, amount));
  return graph.pad(graph.slice(x, kept), positive(before), positive(after));
}

function range(node: OnnxNode): Value {
  const [start, limit, step] = [0, 1, 2].map((i) => node.host(i).data[0]!) as [
    number,
    number,
    number,
  ];
  const count = Math.max(0, Math.ceil((limit - start) / step));
  const values = Array.from({ length: count }, (_, i) => start + i * step);
  return node.host(0).kind === 'float'
    ? floats(Float32Array.from(values), [count])
    : integers(values);
}

function constantOfShape(node: OnnxNode): Value {
  const shape = Array.from(node.host(0).data);
  const value: HostArray = node.array('value') ?? floats(Float32Array.of(0), [1]);
  return pick(value, shape, () => 0);
}

function constantNode(node: OnnxNode): Value {
  const whole = (name: string): number[] | undefined =>
    node.has(name) ? (node.list(name) ?? []) : undefined;
  const array = node.array('value');
  if (array) return array;
  if (node.has('value_float')) return floats(Float32Array.of(node.number('value_float', 0)), []);
  if (node.has('value_int')) return integers([node.number('value_int', 0)], []);
  const list = whole('value_floats');
  if (list) return floats(Float32Array.from(list), [list.length]);
  return integers(whole('value_ints') ?? node.fail('it holds neither numbers nor a tensor'));
}

export const SHAPES: Translations = {
  Constant: constantNode,
  ConstantOfShape: constantOfShape,
  Concat: concat,
  Dropout: (node) => node.value(0),
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  Identity: (node) => node.value(0),
  Pad: pad,
  Range: range,
  Reshape: reshape,
  Shape: (node) => {
    const { shape } = node.value(0);
    const end = node.number('end', shape.length);
    return integers(shape.slice(node.number('start', 0), end));
  },
  Size: (node) => integers([sizeOf(node.value(0).shape)], []),
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
