/** One use of an ONNX op, and what it must give: ONNX Runtime's values, and their slopes. */
import * as ort from 'onnxruntime-node';
import { expect } from 'vitest';
import {
  add,
  constant,
  gradients,
  input,
  mul,
  sizeOf,
  sum,
  type Shape,
  type Tensor,
} from '../../../src/graph/index.js';
import { readOnnxModel } from '../../../src/onnx/import/onnx-model.js';
import { traceModel } from '../../../src/onnx/import/trace-model.js';
import { Random } from '../../../src/random.js';
import { Session } from '../../../src/runtime/session.js';
import { drawOperands, type Domain } from '../../graph/check-op.js';
import { relativeError } from './onnx-fixture.js';
import { writeModel, type AttributeValue, type NodeSpec, type Stored } from './write-model.js';

/** `x` is the fed value; an empty text an operand that is left out. */
export type Operand = 'x' | '' | Stored;

export interface OpRow {
  readonly op: string;
  /** What the row adds to the name of the op. */
  readonly title: string;
  readonly opset: number;
  readonly x: Shape;
  readonly domain: Domain;
  readonly operands: readonly Operand[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly outputs: number;
}

/** A row; the default operand is `x` alone, of normal values in an image [2, 3, 5, 4]. */
export function row(
  op: string,
  title: string,
  given: Partial<Omit<OpRow, 'op' | 'title'>> = {},
): OpRow {
  const plain = { opset: 17, x: [2, 3, 5, 4], domain: 'normal', operands: ['x'] } as const;
  return { op, title, ...plain, attributes: {}, outputs: 1, ...given };
}

export const ints = (...values: number[]): Stored => ({
  data: BigInt64Array.from(values, BigInt),
  shape: [values.length],
});

export const bools = (...values: boolean[]): Stored => ({
  data: Uint8Array.from(values, Number),
  shape: [values.length],
});

/** A single value without axes. */
export const int = (value: number): Stored => ({ ...ints(value), shape: [] });
export const float = (value: number): Stored => ({ data: Float32Array.of(value), shape: [] });

export const floats = (values: readonly number[], shape: Shape = [values.length]): Stored => ({
  data: Float32Array.from(values),
  shape,
});

/** Values from 0.2 to 1.2 that depend on the shape alone. */
export function weight(...shape: number[]): Stored {
  const random = new Random(`weight ${shape.join()}`);
  return floats(
    Array.from({ length: sizeOf(shape) }, () => 0.2 + random.uniform()),
    shape,
  );
}

const STEP = 1e-2;

/** In each of them every value moves by a step, up or down. */
const DIRECTIONS = 12;

const random = new Random('directions');

/** Compares a row's values with ONNX Runtime's, and its slopes with differences of them. */
export async function checkRow(row: OpRow): Promise<void> {
  const bytes = modelOf(row);
  const x = input('x', row.x);
  const traced = traceModel(readOnnxModel(bytes, '.'), new Map([['x', x]]));
  const names = Array.from({ length: row.outputs }, (_, i) => `float${i}`);
  const tensors = names.map((name) => traced.require(name));
  const values = drawOperands([row.x], row.domain)['x0']!;
  const original = await ort.InferenceSession.create(bytes, {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  const runOriginal = async (fed: Float32Array): Promise<ort.InferenceSession.ReturnType> =>
    original.run({ x: new ort.Tensor('float32', fed, row.x) });
  const expected = await runOriginal(values);
  const outputs = Object.fromEntries(names.map((name, i) => [`${name} traced`, tensors[i]!]));
  const gradient = row.operands.includes('x') ? gradientOf(tensors, x) : {};
  const session = await Session.compile({ ...outputs, ...gradient }, { threads: 1 });
  const found: Record<string, Float32Array> = await session.run({ x: values });
  names.forEach((name, i) => {
    expect(tensors[i]!.shape).toEqual(expected[name]!.dims);
    const reference = expected[name]!.data as Float32Array;
    expect(relativeError(found[`${name} traced`]!, reference)).toBeLessThan(1e-5);
  });
  if (found['gradient']) {
    const loss = async (fed: Float32Array): Promise<number> => {
      const result = await runOriginal(fed);
      return names.reduce((total, name) => total + weightedSum(result[name]!.data), 0);
    };
    const [slopes, differences]: [number[], number[]] = [[], []];
    for (let i = 0; i < DIRECTIONS; i++) {
      const signs = values.map(() => (random.uniform() < 0.5 ? -STEP : STEP));
      const moved = (by: number): Float32Array => values.map((value, k) => value + by * signs[k]!);
      slopes.push(signs.reduce((total, each, k) => total + each * found['gradient']![k]!, 0));
      differences.push(((await loss(moved(1))) - (await loss(moved(-1)))) / 2);
    }
    expect(relativeError(slopes, differences)).toBeLessThan(4e-3);
  }
  await Promise.all([session.dispose(), original.release()]);
}

/** One node whose outputs are cast to float32 where they are not. */
export function modelOf({ op, opset, x, operands, attributes, outputs }: OpRow): Uint8Array {
  const [name, domain] = [op.split('.').at(-1)!, op.split('.').slice(0, -1).join('.')];
  const stored: Record<string, Stored> = {};
  const inputs = operands.map((operand, i) => {
    if (typeof operand === 'string') return operand;
    stored[`stored${i}`] = operand;
    return `stored${i}`;
  });
  const made = Array.from({ length: outputs }, (_, i) => `made${i}`);
  const node: NodeSpec = { op: name, domain, inputs, outputs: made, attributes };
  const casts = made.map((each, i): NodeSpec => {
    return { op: 'Cast', inputs: [each], outputs: [`float${i}`], attributes: { to: 1 } };
  });
  const floatNames = casts.flatMap((cast) => cast.outputs);
  return writeModel({ opset, nodes: [node, ...casts], stored, x, outputs: floatNames });
}

const weightsOf = (count: number): Float32Array =>
  new Random('row').fillNormal(new Float32Array(count));

function weightedSum(data: ort.Tensor.DataTypeMap[ort.Tensor.Type]): number {
  const weights = weightsOf(data.length);
  return weights.reduce((total, each, i) => total + each * (data as Float32Array)[i]!, 0);
}

function gradientOf(tensors: readonly Tensor[], x: Tensor): { gradient: Tensor } {
  const losses = tensors.map((y) => sum(mul(y, constant(weightsOf(sizeOf(y.shape)), y.shape))));
  return {
    gradient: gradients(
      losses.reduce((a, b) => add(a, b)),
      [x],
    )[0]!,
  };
}
