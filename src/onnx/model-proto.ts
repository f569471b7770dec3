/** Builders for the messages of onnx.proto that a model needs. Field numbers are those of the specification. */
import type { OnnxAttribute } from '../graph/op.js';
import type { ConstantData, DType, Shape, TensorType } from '../graph/tensor.js';
import { MessageWriter } from './protobuf.js';

const IR_VERSION = 10;
const OPSET = 21;

/** TensorProto.DataType */
const DATA_TYPE: Record<DType | 'int8', number> = {
  float32: 1,
  int8: 3,
  int64: 7,
  bool: 9,
  float16: 10,
  bfloat16: 16,
};

/** AttributeProto.AttributeType */
const ATTRIBUTE = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

export function attributeProto(name: string, value: OnnxAttribute): MessageWriter {
  const message = new MessageWriter().text(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, ATTRIBUTE.int);
  if (typeof value === 'string') return message.text(4, value).integer(20, ATTRIBUTE.string);
  if ('float' in value) return message.float(2, value.float).integer(20, ATTRIBUTE.float);
  if ('graph' in value) {
    return message.message(6, value.graph as MessageWriter).integer(20, ATTRIBUTE.graph);
  }
  value.forEach((each) => message.integer(8, each));
  return message.integer(20, ATTRIBUTE.ints);
}

export interface NodeDescription {
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export function nodeProto(node: NodeDescription): MessageWriter {
  const message = new MessageWriter();
  node.inputs.forEach((name) => message.text(1, name));
  node.outputs.forEach((name) => message.text(2, name));
  message.text(3, `${node.opType}:${node.outputs[0] ?? ''}`).text(4, node.opType);
  for (const [name, value] of Object.entries(node.attributes)) {
    message.message(5, attributeProto(name, value));
  }
  return message.text(7, node.domain);
}

/** An initialiser whose values are in the model. */
export function tensorProto(
  name: string,
  shape: Shape,
  dtype: DType | 'int8',
  data: ConstantData | Int8Array,
): MessageWriter {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return tensorHeader(name, shape, dtype).bytes(9, raw);
}

/** An initialiser whose values are a byte range of another file. */
export function externalTensorProto(
  name: string,
  shape: Shape,
  dtype: DType,
  range: { location: string; offset: number; length: number },
): MessageWriter {
  const message = tensorHeader(name, shape, dtype);
  for (const [key, value] of Object.entries(range)) {
    message.message(13, new MessageWriter().text(1, key).text(2, String(value)));
  }
  return message.integer(14, 1);
}

function tensorHeader(name: string, shape: Shape, dtype: DType | 'int8'): MessageWriter {
  const message = new MessageWriter();
  shape.forEach((size) => message.integer(1, size));
  return message.integer(2, DATA_TYPE[dtype]).text(8, name);
}

export function valueInfoProto(name: string, type: TensorType): MessageWriter {
  const dimensions = new MessageWriter();
  type.shape.forEach((size) => dimensions.message(1, new MessageWriter().integer(1, size)));
  const tensor = new MessageWriter().integer(1, DATA_TYPE[type.dtype]).message(2, dimensions);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensor));
}

export interface GraphDescription {
  readonly nodes: readonly MessageWriter[];
  readonly initializers: readonly MessageWriter[];
  readonly inputs: readonly MessageWriter[];
  readonly outputs: readonly MessageWriter[];
}

export function graphProto(
  name: string,
  { nodes, initializers, inputs, outputs }: GraphDescription,
): MessageWriter {
  const graph = new MessageWriter();
  nodes.forEach((node) => graph.message(1, node));
  graph.text(2, name);
  initializers.forEach((initializer) => graph.message(5, initializer));
  inputs.forEach((value) => graph.message(11, value));
  outputs.forEach((value) => graph.message(12, value));
  return graph;
}

export function modelProto(graph: GraphDescription): Uint8Array {
  const opset = (domain: string, version: number): MessageWriter =>
    new MessageWriter().text(1, domain).integer(2, version);
  return new MessageWriter()
    .integer(1, IR_VERSION)
    .text(2, 'featinv')
    .message(7, graphProto('featinv', graph))
    .message(8, opset('', OPSET))
    .message(8, opset('com.microsoft', 1))
    .finish();
}
