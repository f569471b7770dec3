/** Recognises pool → linear, or pool → normalise → linear, at the end of a traced classifier. */
import { InputError } from '../errors.js';
import type { ConvAttributes, Node, Tensor } from '../graph/index.js';
import type { Backbone, ChannelNorm, ClassWeights, TracedBackbone } from './backbone.js';
import type { OnnxFile } from './onnx-session.js';

/**
 * What the average of a map is multiplied with in an .onnx file. Throws InputError where the classes are
 * read from something else.
 */
export function linearHead(
  { path, options }: Pick<OnnxFile, 'path' | 'options'>,
  { defaultLayer }: Pick<Backbone, 'defaultLayer'>,
  { taps, logits }: TracedBackbone,
): ClassWeights {
  if (options.scoreKind === 'probabilities') {
    throw new InputError(
      `${path} gives probabilities, which no weights relate to a map; name the value before its softmax as "scores"`,
    );
  }
  const product = readProduct(logits);
  const pooled = product && readNorm(product.x);
  const map = pooled && pooledMap(pooled.x);
  const names = [...taps.keys()].filter((name) => taps.get(name) === map);
  if (!product || !pooled || names.length === 0) {
    throw new InputError(
      `${path} does not multiply the average of a map with one matrix: it has no class weights`,
    );
  }
  const layer = names.includes(defaultLayer) ? defaultLayer : names.at(-1)!;
  return { layer, channels: map!.dim(1), ...product.weights, norm: pooled.norm };
}

interface Product {
  readonly x: Tensor;
  readonly weights: Pick<ClassWeights, 'weight' | 'bias'>;
}

/** x W + b as `Gemm`, `MatMul` and `Add`, or a convolution of single pixels. */
function readProduct(logits: Tensor): Product | undefined {
  const classes = logits.dim(1);
  const sum = nodeOf(logits, 'add');
  const bias = sum && constantOf(sum, classes);
  const node = nodeOf(bias ? bias.x : logits);
  const [x, w, convBias] = node?.inputs ?? [];
  const values = w && valuesOf(w);
  if (node === undefined || x === undefined || values === undefined) return undefined;
  const channels = values.length / classes;
  const added = [bias?.values, convBias && valuesOf(convBias)].filter((each) => each !== undefined);
  const total = new Float32Array(classes);
  for (const each of added) total.forEach((_, i) => (total[i]! += each[i]!));
  if (node.op.name === 'matmul') {
    const { transposeA, transposeB } = node.attributes as Record<string, boolean>;
    if (transposeA || w!.rank !== 2) return undefined;
    const weight = transposeB ? values : transposed(values, channels, classes);
    return { x, weights: { weight: Float32Array.from(weight), bias: total } };
  }
  const isPixels = x.rank === 4 && x.dim(2) * x.dim(3) === 1 && w!.dim(2) * w!.dim(3) === 1;
  if (node.op.name !== 'conv2d' || !isPixels) return undefined;
  if ((node.attributes as ConvAttributes).groups !== 1) return undefined;
  return { x, weights: { weight: Float32Array.from(values), bias: total } };
}

/** A layer normalisation over channels between the average and the product. */
function readNorm(x: Tensor): { x: Tensor; norm: ChannelNorm | undefined } {
  const [shifted, channels] = [nodeOf(x, 'add'), x.dim(1)];
  const shift = shifted && constantOf(shifted, channels);
  const scaled = shift && nodeOf(shift.x, 'mul');
  const scale = scaled && constantOf(scaled, channels);
  const standardised = scale && nodeOf(scale.x, 'standardise');
  if (!standardised) return { x, norm: undefined };
  const { epsilon } = standardised.attributes as { epsilon: number };
  const norm = { weight: scale.values, bias: shift.values, epsilon };
  return { x: standardised.inputs[0]!, norm };
}

/** The map whose mean over all positions this is: (Σ x) · 1 / positions. */
function pooledMap(x: Tensor): Tensor | undefined {
  const scaled = nodeOf(x, 'mul');
  const factor = scaled && constantOf(scaled, 1);
  const sum = factor && nodeOf(factor.x, 'sum');
  const map = sum?.inputs[0];
  const { axes } = (sum?.attributes ?? { axes: [] }) as { axes: readonly number[] };
  if (map?.rank !== 4 || axes.join() !== '2,3') return undefined;
  return Math.abs(factor!.values[0]! * map.dim(2) * map.dim(3) - 1) < 1e-5 ? map : undefined;
}

/** The node behind a tensor and changes of its shape, if it has this name. */
function nodeOf(x: Tensor, name?: string): Node | undefined {
  if (x.source.kind !== 'node') return undefined;
  const { node } = x.source;
  if (node.op.name === 'reshape') return nodeOf(node.inputs[0]!, name);
  return name === undefined || node.op.name === name ? node : undefined;
}

/** The constant operand of a sum or product, with this many values, and the other one. */
function constantOf(
  { inputs }: Node,
  size: number,
): { values: Float32Array; x: Tensor } | undefined {
  for (const [i, operand] of inputs.entries()) {
    const values = valuesOf(operand);
    if (values?.length === size) return { values, x: inputs[1 - i]! };
  }
  return undefined;
}

const valuesOf = ({ source }: Tensor): Float32Array | undefined =>
  source.kind === 'constant' && source.data instanceof Float32Array ? source.data : undefined;

/** [rows, columns] to [columns, rows]. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}
