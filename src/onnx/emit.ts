import { dirname, relative, resolve, sep } from 'node:path';
import { bodyOf, withBodies } from '../graph/loop.js';
import type { Emitter, OnnxAttribute, Subgraph } from '../graph/op.js';
import { constant, show, ShapeError } from '../graph/tensor.js';
import type { ConstantData, Node, Shape, Tensor } from '../graph/tensor.js';
import { emissionOrder } from './emission-order.js';
import type { MessageWriter } from './protobuf.js';
import {
  externalTensorProto,
  graphProto,
  modelProto,
  nodeProto,
  tensorProto,
  valueInfoProto,
} from './model-proto.js';
import { quantiseWeight } from './quantise-weight.js';
import { isLargeHalf } from './widened-weights.js';

export interface EmittedModel {
  readonly bytes: Uint8Array;
  /** Inputs that must be fed, by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** The folder to which external weights are relative, if there are any. */
  readonly externalFolder: string | undefined;
  /** Absolute paths of the files that hold these, in alphabetical order. */
  readonly externalFiles: readonly string[];
}

export interface EmitOptions {
  /**
   * Large weights of half precision stay so in memory, and each run widens them where they are read. Default: they
   * are widened once, when the model is loaded.
   */
  readonly widenInRuns?: boolean;
}

/** Emits the graph behind `outputs` as an ONNX ModelProto. Equal graphs give equal bytes. */
export function emitModel(
  outputs: Readonly<Record<string, Tensor>>,
  device: Emitter['device'] = 'cpu',
  options: EmitOptions = {},
): EmittedModel {
  const writer = new ModelWriter(device, outputs, options);
  return writer.finish(outputs);
}

class ModelWriter {
  private readonly names = new Map<Tensor, string>();
  private readonly inputs = new Map<string, Tensor>();
  private readonly constants = new Map<string, string>();
  private nodes: MessageWriter[] = [];
  private readonly initializers = new Map<string, MessageWriter>();
  /** Operands of nodes: a leaf that is emitted in 8 bits is not among them. */
  private readonly used = new Set<string>();
  /** Inputs that need not be fed, since an initialiser has their name: no optimiser takes those for constant. */
  private readonly defaults: MessageWriter[] = [];
  private readonly externalFolder: string | undefined;
  private readonly externalFiles: readonly string[];
  /** Inputs of nodes, and outputs of the model. */
  private readonly read: ReadonlySet<Tensor>;
  /** Names of inputs and outputs, which values in between must not have. */
  private readonly taken: Set<string>;
  private counter = 0;

  constructor(
    private readonly device: Emitter['device'],
    outputs: Readonly<Record<string, Tensor>>,
    private readonly options: EmitOptions,
  ) {
    const roots = Object.values(outputs);
    const order = emissionOrder(roots);
    const leaves = new Set([...order.flatMap((node) => node.inputs), ...roots]);
    const everywhere = withBodies(order);
    this.read = new Set([
      ...leaves,
      ...everywhere.flatMap((node) => [...node.inputs, ...(bodyOf(node)?.body.results ?? [])]),
    ]);
    this.externalFiles = filesOf(leaves);
    this.externalFolder = commonFolder(this.externalFiles);
    this.taken = new Set(Object.keys(outputs));
    for (const { source } of leaves) if (source.kind === 'input') this.taken.add(source.name);
    for (const tensor of leaves) this.declareLeaf(tensor);
    this.emitNodes(order);
  }

  private emitNodes(order: readonly Node[]): void {
    for (const node of order) {
      node.outputs.forEach((output) => this.names.set(output, this.fresh()));
      node.op.emit(this.emitterFor(node.inputs, node.outputs), node.attributes);
    }
  }

  private emitSubgraph({ given, nodes, results }: Parameters<Emitter['subgraph']>[0]): Subgraph {
    const around = this.nodes;
    this.nodes = [];
    for (const x of given) this.names.set(x, this.fresh());
    this.emitNodes(nodes);
    // A result may be a value from around, which only a node can hand on.
    const outputs = results.map((x) => {
      const name = this.fresh();
      this.addNode('Identity', [this.nameOf(x)], {}, [name], '');
      return valueInfoProto(name, x);
    });
    const inputs = given.map((x) => valueInfoProto(this.nameOf(x), x));
    const graph = graphProto('body', { nodes: this.nodes, initializers: [], inputs, outputs });
    this.nodes = around;
    return { graph };
  }

  finish(outputs: Readonly<Record<string, Tensor>>): EmittedModel {
    const results: MessageWriter[] = [];
    for (const [name, tensor] of Object.entries(outputs)) {
      if (this.inputs.has(name)) {
        throw new ShapeError(`output "${name}" has the name of an input; choose another`);
      }
      this.addNode('Identity', [this.nameOf(tensor)], {}, [name], '');
      results.push(valueInfoProto(name, tensor));
    }
    const bytes = modelProto({
      nodes: this.nodes,
      initializers: [...this.initializers]
        .filter(([name]) => this.used.has(name))
        .map(([, message]) => message),
      inputs: [
        ...[...this.inputs].map(([name, tensor]) => valueInfoProto(name, tensor)),
        ...this.defaults,
      ],
      outputs: results,
    });
    const named = new Map(Object.entries(outputs));
    const { inputs, externalFolder, externalFiles } = this;
    return { bytes, inputs, outputs: named, externalFolder, externalFiles };
  }

  private declareLeaf(tensor: Tensor): void {
    const { source, shape, dtype } = tensor;
    if (source.kind === 'input') {
      const known = this.inputs.get(source.name);
      if (known && (known.dtype !== dtype || show(known.shape) !== show(shape))) {
        const types = `${known.dtype}${show(known.shape)} and ${dtype}${show(shape)}`;
        throw new ShapeError(`input "${source.name}" is used with two types: ${types}`);
      }
      this.inputs.set(source.name, known ?? tensor);
      this.names.set(tensor, source.name);
    } else if (source.kind === 'constant') {
      this.names.set(tensor, this.embed(source.data, shape));
    } else if (source.kind === 'file') {
      const { path, offset, byteLength } = source.range;
      const name = this.fresh();
      const location = relative(this.externalFolder!, resolve(path)).split(sep).join('/');
      const range = { location, offset, length: byteLength };
      this.initializers.set(name, externalTensorProto(name, shape, dtype, range));
      if (this.options.widenInRuns && isLargeHalf(tensor)) {
        this.defaults.push(valueInfoProto(name, tensor));
      }
      this.names.set(tensor, name);
    }
  }

  private emitterFor(inputs: readonly Tensor[], outputs: readonly Tensor[]): Emitter {
    const outputNames = outputs.map((x) => this.nameOf(x));
    return {
      inputs: inputs.map((x) => this.nameOf(x)),
      outputs: outputNames,
      inputTypes: inputs,
      outputTypes: outputs,
      device: this.device,
      isRead: (output) => this.read.has(outputs[output]!),
      node: (opType, names, attributes = {}, options = {}) =>
        this.addNode(
          opType,
          names,
          attributes,
          options.outputs ?? outputNames,
          options.domain ?? '',
        ),
      subgraph: (body) => this.emitSubgraph(body),
      temporary: () => this.fresh(),
      int64: (values) => this.embed(BigInt64Array.from(values, BigInt), [values.length]),
      constant: (data, shape) => this.embed(data, shape),
      quantised: (input) => this.quantise(inputs[input]!),
    };
  }

  private quantise(leaf: Tensor): { values: string; scales: string } {
    const { values, scales } = quantiseWeight(leaf);
    const name = this.fresh();
    this.initializers.set(name, tensorProto(name, leaf.shape, 'int8', values));
    return { values: name, scales: this.embed(scales, [scales.length]) };
  }

  /** Small constants are stored once; large ones are rarely equal and not worth comparing. */
  private embed(data: ConstantData, shape: Shape): string {
    const small = data.byteLength <= 4096;
    const key = small ? `${data.constructor.name}${show(shape)}${bytesOf(data)}` : undefined;
    const known = key === undefined ? undefined : this.constants.get(key);
    if (known !== undefined) return known;
    const name = this.fresh();
    this.initializers.set(name, tensorProto(name, shape, constant(data, shape).dtype, data));
    if (key !== undefined) this.constants.set(key, name);
    return name;
  }

  private addNode(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    outputs: readonly string[],
    domain: string,
  ): void {
    for (const name of inputs) this.used.add(name);
    this.nodes.push(nodeProto({ opType, domain, inputs, outputs, attributes }));
  }

  private nameOf(tensor: Tensor): string {
    return this.names.get(tensor)!;
  }

  private fresh(): string {
    const name = `v${this.counter++}`;
    return this.taken.has(name) ? this.fresh() : name;
  }
}

/** Bytes as text, in which -0 and 0 differ. */
function bytesOf(data: ConstantData): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
}

function filesOf(leaves: Iterable<Tensor>): string[] {
  const files = new Set<string>();
  for (const { source } of leaves)
    if (source.kind === 'file') files.add(resolve(source.range.path));
  return [...files].sort();
}

/** The deepest folder above all external files: ONNX locations must be relative and without `..`. */
function commonFolder(files: readonly string[]): string | undefined {
  let common: string[] | undefined;
  for (const file of files) {
    const parts = dirname(file).split(sep);
    if (common === undefined) {
      common = parts;
    } else {
      const differs = common.findIndex((part, i) => part !== parts[i]);
      common = differs === -1 ? common : common.slice(0, differs);
    }
  }
  return common && (common.join(sep) || sep);
}
