/** Other shapes of the same values; shapes themselves, which are known at import. */
import * as graph from '../../../graph/index.js';
import { sizeOf, type Shape } from '../../../graph/index.js';
import {
  asTensor,
  checkedSize,
  floats,
  integers,
  isHost,
  pick,
  placeAlong,
  stridesOf,
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

function transpose(node: OnnxNode): Value {
  const x = node.value(0);
  const axes = node.list('perm') ?? x.shape.map((_, i) => x.shape.length - 1 - i);
  if ([...axes].sort((a, b) => a - b).join() !== x.shape.map((_, i) => i).join()) {
    node.fail(`perm [${axes.join(',')}] does not permute ${x.shape.length} axes`);
  }
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
  if (values.length === 0) node.fail('it joins nothing');
  const axis = node.axis(node.number('axis', 0), values[0]!.shape.length);
  if (!values.every(isHost)) return graph.concat(values.map(asTensor), axis);
  const first = values[0]!;
  const differs = ({ shape }: HostArray): boolean =>
    shape.length !== first.shape.length ||
    shape.some((size, i) => i !== axis && size !== first.shape[i]);
  if (values.some(differs)) node.fail(`its operands differ beyond axis ${axis}`);
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

function range(node: OnnxNode): Value {
  const [start, limit, step] = [0, 1, 2].map((i) => node.host(i).data[0]!) as [
    number,
    number,
    number,
  ];
  const shape = [Math.max(0, Math.ceil((limit - start) / step))];
  const { kind } = node.host(0);
  const data =
    kind === 'float' ? new Float32Array(checkedSize(shape)) : new Float64Array(checkedSize(shape));
  data.forEach((_, i) => (data[i] = start + i * step));
  return { kind, shape, data };
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
  Flatten: flatten,
  Identity: (node) => node.value(0),
  Range: range,
  Reshape: reshape,
  Shape: (node) => {
    const { shape } = node.value(0);
    const end = node.number('end', shape.length);
    return integers(shape.slice(node.number('start', 0), end));
  },
  Size: (node) => integers([sizeOf(node.value(0).shape)], []),
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
