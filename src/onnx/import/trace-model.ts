import { InputError } from '../../errors.js';
import { ShapeError, sizeOf, type Tensor } from '../../graph/index.js';
import { asTensor, isHost, type Value } from './host-array.js';
import type { OnnxModel, OnnxModelNode } from './onnx-model.js';
import { OnnxNode } from './onnx-node.js';
import { TRANSLATIONS } from './ops/index.js';

/** Values of a traced model by name. */
export interface TracedModel {
  /** Float32 tensors of the graph; undefined for names that stand for something else. */
  tensor(name: string): Tensor | undefined;
  /** The same, but throws InputError with the reason why a value could not be traced. */
  require(name: string): Tensor;
}

/**
 * Traces a model on symbolic inputs. A node that cannot be translated (an unknown op, a shape that depends
 * on values) leaves its outputs out, and those that need them; `require` says why.
 */
export function traceModel(
  { nodes, constants, opset }: OnnxModel,
  inputs: ReadonlyMap<string, Tensor>,
): TracedModel {
  const values = new Map<string, Value>([...constants, ...inputs]);
  const reasons = new Map<string, InputError>();
  for (const node of nodes) {
    try {
      const outputs = translate(node, opset, values, reasons);
      node.outputs.forEach((name, i) => {
        const value = outputs[i];
        if (name !== '' && value !== undefined) values.set(name, value);
      });
    } catch (error) {
      const reason = explain(error, node);
      for (const name of node.outputs) reasons.set(name, reason);
    }
  }
  const tensor = (name: string): Tensor | undefined => {
    const value = values.get(name);
    if (value === undefined) return undefined;
    if (isHost(value)) return value.kind === 'float' ? asTensor(value) : undefined;
    return value.dtype === 'float32' ? value : undefined;
  };
  return {
    tensor,
    require: (name) => {
      const found = tensor(name);
      if (found) return found;
      throw reasons.get(name) ?? new InputError(`the model computes no value "${name}"`);
    },
  };
}

/** More than any value of a classifier has. */
const MOST_ELEMENTS = 2 ** 32;

function translate(
  node: OnnxModelNode,
  opset: number,
  values: ReadonlyMap<string, Value>,
  reasons: ReadonlyMap<string, InputError>,
): readonly Value[] {
  const { opType, name, attributes } = node;
  const operands = node.inputs.map((input) => {
    const reason = reasons.get(input);
    if (reason) throw reason;
    return input === '' ? undefined : values.get(input);
  });
  const op = fullName(node);
  if (!Object.hasOwn(TRANSLATIONS, op)) throw unknownOp(node);
  const translation = TRANSLATIONS[op]!;
  const used = node.outputs.filter((output) => output !== '').length;
  const result = translation(new OnnxNode(opType, name, opset, used, operands, attributes));
  const outputs = Array.isArray(result) ? (result as readonly Value[]) : [result as Value];
  const huge = outputs.find(({ shape }) => sizeOf(shape) > MOST_ELEMENTS);
  if (huge === undefined) return outputs;
  throw new InputError(`${opType} node "${name}" computes ${sizeOf(huge.shape)} values`);
}

/** Ops of ONNX itself by their names, others after their domain. */
const fullName = ({ domain, opType }: OnnxModelNode): string =>
  domain === '' ? opType : `${domain}.${opType}`;

function unknownOp(node: OnnxModelNode): InputError {
  const known = Object.keys(TRANSLATIONS).sort().join(', ');
  return new InputError(
    `node "${node.name}" has the op ${fullName(node)}, which is not known here (known: ${known})`,
  );
}

/** A reason as an InputError; anything else than wrong input is an error of ours and passes through. */
function explain(error: unknown, { opType, name }: OnnxModelNode): InputError {
  if (error instanceof InputError) return error;
  if (!(error instanceof ShapeError)) throw error;
  return new InputError(`${opType} node "${name}": ${error.message}`, { cause: error });
}
