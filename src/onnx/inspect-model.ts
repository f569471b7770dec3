/** A look into somebody else's ONNX model: its inputs, outputs and nodes. Field numbers as in onnx.proto. */
import { MessageWriter } from './protobuf.js';
import { bytesOf, integerOf, ProtobufError, textsOf } from './protobuf-reader.js';

export interface ModelValue {
  readonly name: string;
  /** Sizes; undefined where the model leaves them open. Undefined if the value is no tensor. */
  readonly shape: readonly (number | undefined)[] | undefined;
}

export interface ModelNode {
  /** May be empty. */
  readonly name: string;
  readonly opType: string;
  readonly outputs: readonly string[];
}

export interface ModelSummary {
  /** Values that must be fed. */
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  readonly nodes: readonly ModelNode[];
  /** Names of the files beside it that hold weights. */
  readonly files: readonly string[];
}

const MODEL_GRAPH = 7;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const;

/** Throws ProtobufError for bytes that are no ModelProto. */
export function inspectModel(model: Uint8Array): ModelSummary {
  const graph = bytesOf(model, MODEL_GRAPH)[0];
  if (graph === undefined) throw new ProtobufError('there is no graph in it');
  const initializers = bytesOf(graph, GRAPH.initializer);
  const constants = new Set(initializers.flatMap((tensor) => textsOf(tensor, 8)));
  return {
    inputs: bytesOf(graph, GRAPH.input)
      .map(readValue)
      .filter(({ name }) => !constants.has(name)),
    outputs: bytesOf(graph, GRAPH.output).map(readValue),
    nodes: bytesOf(graph, GRAPH.node).map((node) => ({
      name: textsOf(node, 3)[0] ?? '',
      opType: textsOf(node, 4)[0] ?? '',
      outputs: textsOf(node, 2).filter((name) => name !== ''),
    })),
    files: [...new Set(initializers.flatMap(externalLocation))],
  };
}

/**
 * The model with further values as outputs; their types are inferred by the runtime. Messages merge
 * when their bytes are joined, so the model itself is copied as it is.
 */
export function withOutputs(model: Uint8Array, names: readonly string[]): Uint8Array {
  const graph = new MessageWriter();
  for (const name of names) graph.message(GRAPH.output, new MessageWriter().text(1, name));
  const added = new MessageWriter().message(MODEL_GRAPH, graph).finish();
  const joined = new Uint8Array(model.length + added.length);
  joined.set(model);
  joined.set(added, model.length);
  return joined;
}

/** TensorProto.external_data holds keys with values; `location` is the file's name. */
function externalLocation(tensor: Uint8Array): string[] {
  return bytesOf(tensor, 13)
    .filter((entry) => textsOf(entry, 1)[0] === 'location')
    .flatMap((entry) => textsOf(entry, 2));
}

/** ValueInfoProto: name, and type.tensor_type.shape.dim with dim_value. */
function readValue(message: Uint8Array): ModelValue {
  const name = textsOf(message, 1)[0] ?? '';
  const tensor = bytesOf(message, 2).flatMap((type) => bytesOf(type, 1))[0];
  const shape = tensor === undefined ? undefined : bytesOf(tensor, 2)[0];
  if (shape === undefined) return { name, shape: undefined };
  const sizes = bytesOf(shape, 1).map((dimension) => integerOf(dimension, 1));
  return { name, shape: sizes.map((size) => (size === undefined ? undefined : Number(size))) };
}
