/** ModelProto: the nodes of the main graph with their attributes, and its stored values. */
import { InputError } from '../../errors.js';
import {
  bytesOf,
  floatsOf,
  integerOf,
  integersOf,
  ProtobufError,
  readFields,
  textsOf,
} from '../protobuf-reader.js';
import type { HostArray } from './host-array.js';
import type { Attribute } from './onnx-node.js';
import { readTensor } from './onnx-tensor.js';

export interface OnnxModelNode {
  readonly opType: string;
  /** Empty for ONNX's own ops. */
  readonly domain: string;
  readonly name: string;
  /** Empty names stand for operands that are left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface OnnxModel {
  /** Version of ONNX's operator set. */
  readonly opset: number;
  /** In an order in which operands come before their users. */
  readonly nodes: readonly OnnxModelNode[];
  readonly constants: ReadonlyMap<string, HostArray>;
}

const MODEL = { graph: 7, opset: 8 } as const;
const GRAPH = { node: 1, initializer: 5, sparseInitializer: 15 } as const;
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
const ATTRIBUTE = {
  name: 1,
  float: 2,
  integer: 3,
  text: 4,
  tensor: 5,
  floats: 7,
  integers: 8,
  type: 20,
} as const;

/** Older operators broadcast by other rules. */
const OLDEST_OPSET = 7;

/** What a writer leaves out, by AttributeProto.AttributeType. */
const EMPTY: Readonly<Record<number, Attribute>> = { 1: 0, 2: 0, 3: '', 6: [], 7: [] };

/** Parses a model whose external data lie below `folder`. Throws InputError naming what is wrong. */
export function readOnnxModel(bytes: Uint8Array, folder: string): OnnxModel {
  try {
    return parse(bytes, folder);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw new InputError(`this is not an ONNX model: ${error.message}`, { cause: error });
  }
}

function parse(bytes: Uint8Array, folder: string): OnnxModel {
  const graph = bytesOf(bytes, MODEL.graph)[0];
  if (graph === undefined) throw new ProtobufError('there is no graph in it');
  const opsets = bytesOf(bytes, MODEL.opset).filter((opset) => (textsOf(opset, 1)[0] ?? '') === '');
  const constants = new Map<string, HostArray>();
  for (const tensor of bytesOf(graph, GRAPH.initializer)) {
    const name = textsOf(tensor, 8)[0] ?? '';
    constants.set(name, readTensor(tensor, folder, `the tensor "${name}"`));
  }
  if (bytesOf(graph, GRAPH.sparseInitializer).length > 0) {
    throw new InputError('the model holds sparse tensors; export it with dense ones');
  }
  const opset = Number(opsets.map((each) => integerOf(each, 2) ?? 0n).at(-1) ?? 0n);
  if (opset < OLDEST_OPSET) {
    throw new InputError(
      `the model is of version ${opset} of the operator set; export it with ${OLDEST_OPSET} or later`,
    );
  }
  return {
    opset,
    nodes: bytesOf(graph, GRAPH.node).map((node) => readNode(node, folder)),
    constants,
  };
}

function readNode(message: Uint8Array, folder: string): OnnxModelNode {
  const [opType, outputs] = [textsOf(message, NODE.opType)[0] ?? '', textsOf(message, NODE.output)];
  const name = textsOf(message, NODE.name)[0] || outputs[0] || '';
  const attributes = new Map<string, Attribute>();
  for (const attribute of bytesOf(message, NODE.attribute)) {
    const value = readAttribute(attribute, folder, `${opType} node "${name}"`);
    if (value !== undefined) attributes.set(textsOf(attribute, ATTRIBUTE.name)[0] ?? '', value);
  }
  const domain = textsOf(message, NODE.domain)[0] ?? '';
  return {
    ...{ opType, name, outputs, attributes },
    domain: domain === 'ai.onnx' ? '' : domain,
    inputs: textsOf(message, NODE.input),
  };
}

/** Undefined for sub-graphs and other kinds that no translated op has. */
function readAttribute(message: Uint8Array, folder: string, what: string): Attribute | undefined {
  const tensor = bytesOf(message, ATTRIBUTE.tensor)[0];
  if (tensor !== undefined) return readTensor(tensor, folder, `a tensor of ${what}`);
  const numbers = new Set([...readFields(message)].map(({ number }) => number));
  if (numbers.has(ATTRIBUTE.floats)) return Array.from(floatsOf(message, ATTRIBUTE.floats));
  if (numbers.has(ATTRIBUTE.integers)) return integersOf(message, ATTRIBUTE.integers).map(Number);
  if (numbers.has(ATTRIBUTE.float)) return floatsOf(message, ATTRIBUTE.float)[0];
  if (numbers.has(ATTRIBUTE.integer)) return Number(integersOf(message, ATTRIBUTE.integer)[0]);
  if (numbers.has(ATTRIBUTE.text)) return textsOf(message, ATTRIBUTE.text)[0];
  return EMPTY[Number(integerOf(message, ATTRIBUTE.type) ?? 0n)];
}
