/** How much memory a session will take, from its graph alone. */
import {
  show,
  sizeOf,
  type DType,
  type Node,
  type Tensor,
  type TensorType,
} from '../graph/tensor.js';
import { emissionOrder } from '../onnx/emission-order.js';
import { isLargeHalf } from '../onnx/widened-weights.js';
import type { MemoryMode } from './memory-mode.js';

/** Bytes of resident memory; what is fed belongs to the caller and is not counted. */
export interface MemoryNeed {
  /** Mapped from weight files: shared with other processes, dropped by the system when it is short of memory. */
  readonly weights: number;
  /** Weights that the session keeps copies of: folded, fused, or in another layout. */
  readonly prepacked: number;
  /** Values on their way through the graph, at the moment when there are most. */
  readonly activations: number;
  readonly total: number;
}

/**
 * Bytes for each weight in 8 bits while its session is made: embedded, in the model, the runtime's, transposed and
 * packed (measured: 4.8).
 */
const QUANTISED_BYTES = 5;

/** Code and tables of ONNX Runtime that come into memory with a session (measured: 25 to 60 MB). */
const SESSION_BYTES = 30e6;

const BYTES: Readonly<Record<DType, number>> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  bool: 1,
};

const bytesOf = ({ shape, dtype }: TensorType): number => sizeOf(shape) * BYTES[dtype];

interface NeedOptions {
  readonly memory?: MemoryMode | undefined;
  /** Outputs that a run writes to arrays of the caller, which are counted there. */
  readonly into?: ReadonlySet<string> | undefined;
}

/** The need of a session of the graph behind `outputs`, before anything is compiled. */
export function memoryNeed(
  outputs: Readonly<Record<string, Tensor>>,
  { memory = 'fast', into = new Set() }: NeedOptions = {},
): MemoryNeed {
  const roots = Object.values(outputs);
  const written = new Set([...into].map((name) => outputs[name]!));
  const emitted = emissionOrder(roots);
  const folded = foldedNodes(emitted, memory);
  const computed = executionOrder(emitted, roots).filter((node) => !folded.has(node));
  const { mapped: weights, copied: prepacked } = constants(computed, memory);
  // The runtime copies results for the caller while all of them are alive.
  const results = roots.reduce((sum, x) => sum + (written.has(x) ? 1 : 2) * bytesOf(x), 0);
  const activations = Math.max(peakOfBlocks(computed, roots, written), results);
  const total = weights + prepacked + activations + SESSION_BYTES;
  return { weights, prepacked, activations, total };
}

/** What several sessions need that are open at once. */
export function sumNeeds(needs: readonly MemoryNeed[]): MemoryNeed {
  const sum = (part: keyof MemoryNeed): number =>
    needs.reduce((total, need) => total + need[part], 0);
  return {
    weights: sum('weights'),
    prepacked: sum('prepacked'),
    activations: sum('activations'),
    total: sum('total'),
  };
}

/** What they need that are open one after another. */
export function largestNeed(needs: readonly MemoryNeed[]): MemoryNeed {
  return needs.reduce((most, need) => (need.total > most.total ? need : most));
}

/** Nodes that depend on no input: they are computed once, when the session is made. */
function foldedNodes(order: readonly Node[], memory: MemoryMode): Set<Node> {
  const folded = new Set<Node>();
  const isFixed = (tensor: Tensor): boolean => {
    const { source } = tensor;
    if (source.kind === 'node') return folded.has(source.node);
    return source.kind !== 'input' && !(memory === 'low' && isLargeHalf(tensor));
  };
  for (const node of order) {
    if (node.inputs.every(isFixed) && !isEmittedFused(node)) folded.add(node);
  }
  return folded;
}

/** ONNX Runtime does not fold its own ops, which these become on the CPU. */
function isEmittedFused({ op, attributes }: Node): boolean {
  const { transposeA, transposeB } = attributes as { transposeA?: boolean; transposeB?: boolean };
  return op.name === 'silu' || (op.name === 'matmul' && (transposeA || transposeB) === true);
}

/**
 * The order in which ONNX Runtime computes nodes: depth first from the last result, and before a node the
 * latest emitted of its operands first (`GraphViewer`'s default order).
 */
function executionOrder(emitted: readonly Node[], roots: readonly Tensor[]): Node[] {
  const position = new Map(emitted.map((node, i) => [node, i]));
  const nodesOf = (tensors: readonly Tensor[]): Node[] =>
    tensors.flatMap(({ source }) => (source.kind === 'node' ? [source.node] : []));
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack = nodesOf(roots).map((node) => ({ node, ready: false }));
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (top.ready) {
      order.push(top.node);
    } else if (!seen.has(top.node)) {
      seen.add(top.node);
      const operands = nodesOf(top.node.inputs).sort((a, b) => position.get(a)! - position.get(b)!);
      stack.push({ node: top.node, ready: true });
      stack.push(...operands.map((node) => ({ node, ready: false })));
    }
  }
  return order;
}

/** What the computed nodes read that is known beforehand. */
function constants(
  computed: readonly Node[],
  memory: MemoryMode,
): { mapped: number; copied: number } {
  const known = new Set(computed);
  const scaled = new Set(computed.flatMap((node) => scaledConvolution(node, known)));
  const isConstant = ({ source }: Tensor): boolean =>
    source.kind !== 'input' && !(source.kind === 'node' && known.has(source.node));
  const mapped = new Set<Tensor>();
  const copied = new Set<Tensor>();
  const fused = new Set<Tensor>();
  const quantised = new Set<Tensor>();
  for (const node of computed) {
    node.inputs.forEach((x, position) => {
      if (!isConstant(x)) return;
      if (position === 1 && node.op.name.startsWith('quantised')) return void quantised.add(x);
      const isWeight = position === 1 && (node.op.name === 'conv2d' || node.op.name === 'matmul');
      const isCopied = x.source.kind !== 'file' || (isWeight && memory === 'fast');
      (isCopied ? copied : mapped).add(x);
      if (isWeight && scaled.has(node)) fused.add(x);
    });
  }
  const total = (tensors: Iterable<Tensor>): number =>
    [...tensors].reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  const values = [...quantised].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return {
    mapped: total(mapped),
    copied: total(copied) + total(fused) + QUANTISED_BYTES * values,
  };
}

/** The convolution whose weights are multiplied beforehand by what `node` multiplies its result with. */
function scaledConvolution({ op, inputs }: Node, computed: ReadonlySet<Node>): Node[] {
  const [source, factor] = inputs.map((x) => x.source);
  if (op.name !== 'mul' || source?.kind !== 'node' || source.node.op.name !== 'conv2d') return [];
  const varies =
    factor!.kind === 'input' || (factor!.kind === 'node' && computed.has(factor!.node));
  return varies ? [] : [source.node];
}

/** A piece of memory that values of one type lie in, one after another. */
interface Block {
  /** Type and shape of its first value. */
  readonly kind: string;
  readonly bytes: number;
  /** How often its present values will still be read. */
  reads: number;
  /** Nodes, by position, that the block is first and last needed by. */
  readonly from: number;
  to: number;
}

/**
 * The most bytes that are allocated at once, as ONNX Runtime's planner does it: a block that nobody reads
 * any more waits for the next value of the same type and shape, and is freed after the last of them. Results
 * that are `written` to the caller's memory have no block.
 */
function peakOfBlocks(
  computed: readonly Node[],
  roots: readonly Tensor[],
  written: ReadonlySet<Tensor>,
): number {
  const reads = new Map<Tensor, number>();
  for (const x of [...computed.flatMap((node) => node.inputs), ...roots]) {
    reads.set(x, (reads.get(x) ?? 0) + 1);
  }
  const blocks = new Map<Tensor, Block>();
  const all: Block[] = [];
  const waiting = new Map<string, Block[]>();
  computed.forEach((node, position) => {
    for (const [index, output] of node.outputs.entries()) {
      // Statistics that nobody reads are not computed.
      if ((index > 0 && !reads.has(output)) || written.has(output)) continue;
      const kind = `${output.dtype}${show(output.shape)}`;
      const known =
        (index === 0 ? sharedBlock(node, blocks) : undefined) ?? waiting.get(kind)?.pop();
      const block = known ?? {
        kind,
        bytes: bytesOf(output),
        reads: 0,
        from: position,
        to: position,
      };
      if (known === undefined) all.push(block);
      block.reads += reads.get(output) ?? 0;
      blocks.set(output, block);
    }
    for (const x of node.inputs) {
      const block = blocks.get(x);
      if (block === undefined) continue;
      block.to = position;
      if (--block.reads > 0) continue;
      waiting.set(block.kind, [...(waiting.get(block.kind) ?? []), block]);
    }
  });
  return peakOf(all, computed.length);
}

function peakOf(blocks: readonly Block[], steps: number): number {
  const change = new Float64Array(steps + 1);
  for (const { bytes, reads, from, to } of blocks) {
    change[from]! += bytes;
    if (reads === 0) change[to + 1]! -= bytes;
  }
  let alive = 0;
  return change.reduce((peak, bytes) => Math.max(peak, (alive += bytes)), 0);
}

/** The operand's memory, where a result lies in it. */
function sharedBlock({ op, inputs }: Node, blocks: ReadonlyMap<Tensor, Block>): Block | undefined {
  const operand = blocks.get(inputs[0]!);
  if (op.storage === 'view') return operand;
  return op.storage === 'in place' && operand?.reads === 1 ? operand : undefined;
}
