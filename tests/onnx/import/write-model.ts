/** ONNX models of a few nodes at any version of the operator set. */
import type { ConstantData, Shape } from '../../../src/graph/index.js';
import { attributeProto, tensorProto, valueInfoProto } from '../../../src/onnx/model-proto.js';
import { MessageWriter } from '../../../src/onnx/protobuf.js';

/** A stored value. */
export interface Stored {
  readonly data: ConstantData;
  readonly shape: Shape;
}

export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: Stored };

export interface NodeSpec {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface ModelSpec {
  readonly opset: number;
  readonly nodes: readonly NodeSpec[];
  readonly stored: Readonly<Record<string, Stored>>;
  /** The only input. */
  readonly x: Shape;
  /** Names of float32 outputs. */
  readonly outputs: readonly string[];
}

const storedProto = (name: string, { data, shape }: Stored): MessageWriter => {
  const types = [
    [Float32Array, 'float32'],
    [Uint16Array, 'float16'],
    [BigInt64Array, 'int64'],
    [Uint8Array, 'bool'],
  ] as const;
  const [, dtype] = types.find(([type]) => data instanceof type)!;
  return tensorProto(name, shape, dtype, data);
};

function attribute(name: string, value: AttributeValue): MessageWriter {
  if (typeof value === 'object' && 'floats' in value) {
    const message = new MessageWriter().text(1, name);
    value.floats.forEach((each) => message.float(7, each));
    return message.integer(20, 6);
  }
  if (typeof value === 'object' && 'tensor' in value) {
    return new MessageWriter()
      .text(1, name)
      .message(5, storedProto('', value.tensor))
      .integer(20, 4);
  }
  return attributeProto(name, value);
}

export function writeModel({ opset, nodes, stored, x, outputs }: ModelSpec): Uint8Array {
  const graph = new MessageWriter();
  for (const { op, domain = '', inputs, outputs: made, attributes = {} } of nodes) {
    const node = new MessageWriter();
    inputs.forEach((name) => node.text(1, name));
    made.forEach((name) => node.text(2, name));
    node.text(3, `node of ${made[0]}`).text(4, op);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    graph.message(1, node.text(7, domain));
  }
  graph.text(2, 'test');
  for (const [name, value] of Object.entries(stored)) graph.message(5, storedProto(name, value));
  graph.message(11, valueInfoProto('x', { shape: x, dtype: 'float32' }));
  for (const name of outputs) {
    // The type alone: shapes are inferred.
    const type = new MessageWriter().message(1, new MessageWriter().integer(1, 1));
    graph.message(12, new MessageWriter().text(1, name).message(2, type));
  }
  return new MessageWriter()
    .integer(1, 8)
    .message(7, graph)
    .message(8, new MessageWriter().text(1, '').integer(2, opset))
    .message(8, new MessageWriter().text(1, 'com.microsoft').integer(2, 1))
    .finish();
}
