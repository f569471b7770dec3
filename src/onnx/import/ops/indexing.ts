/** Parts of values, taken, repeated and padded. */
import * as graph from '../../../graph/index.js';
import { sizeOf, type Shape, type Tensor } from '../../../graph/index.js';
import {
  asTensor,
  broadcastShape,
  checkedSize,
  elementwise,
  isHost,
  pick,
  placeAlong,
  stridesOf,
  type HostArray,
  type Value,
} from '../host-array.js';
import type { OnnxNode, Translations } from '../onnx-node.js';

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
  const lengths = [ends, axes, steps].map(({ length }) => length);
  if (lengths.some((length) => length !== starts.length)) node.fail('its lists differ in length');
  if (steps.includes(0)) node.fail('a step is 0');
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

/** The elements of a value in ranges of its axes. */
function taken(x: Value, ranges: readonly Range[]): Value {
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
    const forwards = graph.slice(tensor, [{ axis, start: from, end: start + 1, step: -step }]);
    return graph.reverse(forwards, [axis]);
  }, x);
}

const slice = (node: OnnxNode): Value => {
  const x = node.value(0);
  return taken(x, rangesOf(node, x.shape));
};

function split(node: OnnxNode): Value[] {
  const x = node.value(0);
  const axis = node.axis(node.number('axis', 0), x.shape.length);
  const total = x.shape[axis]!;
  const each = Math.ceil(total / node.outputCount);
  const sizes =
    node.integers(1, 'split') ??
    Array.from({ length: node.outputCount }, (_, i) => Math.min(each, total - i * each));
  if (sizes.some((size) => size < 0) || sizes.reduce((a, b) => a + b, 0) !== total) {
    node.fail(`parts of ${sizes.join(', ')} do not make up ${total}`);
  }
  let start = 0;
  return sizes.map((size) => {
    const range = { axis, start, end: start + size, step: 1 };
    start += size;
    return taken(x, [range]);
  });
}

/** Known indices along one axis; a single index without axes takes that axis away. */
function gather(node: OnnxNode): Value {
  const [x, indices] = [node.value(0), node.host(1)];
  const axis = node.axis(node.number('axis', 0), x.shape.length);
  const size = x.shape[axis]!;
  const wanted = Array.from(indices.data, (index) => (index < 0 ? index + size : index));
  if (wanted.length === 0) node.fail('it takes nothing');
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
  return graph.reshape(rowsAlong(x, axis, wanted), shape);
}

/** Elements of an axis in another order, some perhaps twice: joined from the ranges that they form. */
function rowsAlong(x: Tensor, axis: number, wanted: readonly number[]): Tensor {
  const runs: { start: number; end: number }[] = [];
  for (const index of wanted) {
    const last = runs.at(-1);
    if (last?.end === index) last.end++;
    else runs.push({ start: index, end: index + 1 });
  }
  const parts = runs.map((run) => graph.slice(x, [{ axis, ...run }]));
  return graph.concat(parts, axis);
}

function expand(node: OnnxNode): Value {
  const x = node.value(0);
  const asked = node.integers(1) ?? [];
  const shape = broadcastShape([x.shape, asked]);
  if (shape === undefined || !shape.every((size) => size >= 1)) {
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

function tile(node: OnnxNode): Tensor {
  const x = node.tensor(0);
  const repeats = node.integers(1) ?? [];
  if (repeats.length !== x.rank) node.fail(`it repeats ${repeats.length} of ${x.rank} axes`);
  const open = graph.reshape(
    x,
    x.shape.flatMap((size) => [1, size]),
  );
  const repeated = graph.broadcastTo(
    open,
    x.shape.flatMap((size, axis) => [repeats[axis]!, size]),
  );
  return graph.reshape(
    repeated,
    x.shape.map((size, axis) => size * repeats[axis]!),
  );
}

/** Amounts before and after each axis; negative ones cut off. */
function padAmounts(node: OnnxNode, rank: number): { before: number[]; after: number[] } {
  const amounts = node.integers(1, 'pads') ?? node.fail('its amounts are missing');
  const listed =
    node.integers(3)?.map((axis) => node.axis(axis, rank)) ??
    Array.from({ length: rank }, (_, i) => i);
  if (amounts.length !== 2 * listed.length)
    node.fail(`${amounts.length} amounts do not fit its axes`);
  const [before, after] = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)];
  listed.forEach((axis, i) => {
    before[axis] = amounts[i]!;
    after[axis] = amounts[i + listed.length]!;
  });
  return { before, after };
}

function pad(node: OnnxNode): Tensor {
  const x = node.tensor(0);
  const { before, after } = padAmounts(node, x.rank);
  const kept = graph.slice(
    x,
    x.shape.map((size, axis) => ({
      axis,
      start: Math.max(0, -before[axis]!),
      end: size - Math.max(0, -after[axis]!),
    })),
  );
  const [front, back] = [before, after].map((list) => list.map((amount) => Math.max(0, amount)));
  const mode = node.text('mode', 'constant');
  if (mode !== 'constant') return padFromInside(node, kept, mode, front!, back!);
  const value = node.optional(2) === undefined ? node.number('value', 0) : node.host(2).data[0]!;
  const padded = graph.pad(kept, front!, back!);
  return value === 0 || padded === kept
    ? padded
    : graph.add(padded, frameOf(value, kept.shape, front!, back!));
}

/** The value around a box, 0 inside; axes that are not padded have size 1. */
function frameOf(
  value: number,
  inner: Shape,
  front: readonly number[],
  back: readonly number[],
): Tensor {
  const outside = inner.map((size, axis): HostArray => {
    const [first, end] = [front[axis]!, front[axis]! + size];
    const length = first + back[axis]! === 0 ? 1 : checkedSize([end + back[axis]!]);
    const data = new Float64Array(length);
    if (length > 1) data.forEach((_, i) => (data[i] = Number(i < first || i >= end)));
    return { kind: 'boolean', shape: inner.map((_, i) => (i === axis ? length : 1)), data };
  });
  const frame = elementwise(outside, 'float', (...sides) => (Math.max(...sides) === 1 ? value : 0));
  return asTensor(frame!);
}

/** Which element of an axis stands at a place before or behind it. */
const MIRRORS: Readonly<Record<string, (place: number, size: number) => number>> = {
  edge: (place, size) => Math.min(size - 1, Math.max(0, place)),
  reflect: (place, size) => (place < 0 ? -place : place < size ? place : 2 * (size - 1) - place),
  wrap: (place, size) => ((place % size) + size) % size,
};

/** Most elements of an axis that is padded from inside: those of a picture. */
const MOST_MIRRORED = 8192;

function padFromInside(
  node: OnnxNode,
  x: Tensor,
  mode: string,
  front: readonly number[],
  back: readonly number[],
): Tensor {
  const mirror = Object.hasOwn(MIRRORS, mode) ? MIRRORS[mode]! : node.fail(`mode ${mode}`);
  return x.shape.reduce((tensor, size, axis) => {
    const length = front[axis]! + size + back[axis]!;
    if (length === size) return tensor;
    if (length > Math.min(3 * size, MOST_MIRRORED))
      node.fail(`it pads ${size} elements to ${length} by mode ${mode}`);
    const wanted = Array.from({ length }, (_, i) => mirror(i - front[axis]!, size));
    if (wanted.some((place) => place < 0 || place >= size)) {
      node.fail(`${mode} reaches beyond the ${size} elements of axis ${axis}`);
    }
    return rowsAlong(tensor, axis, wanted);
  }, x);
}

export const INDEXING: Translations = {
  Expand: expand,
  Gather: gather,
  Pad: pad,
  Slice: slice,
  Split: split,
  Tile: tile,
};
