/** Runs a graph with the reference kernels, in float64. */
import type { Tensor } from '../../src/graph/index.js';
import { sameShape, show, topologicalOrder } from '../../src/graph/index.js';
import { fromFloat16 } from '../../src/checkpoints/float16.js';
import type { HostValue } from './host-value.js';
import { kernels } from './kernels.js';

export type Feeds = Readonly<Record<string, ArrayLike<number | bigint>>>;

/** The values of `outputs`. Throws where a kernel's result has another shape than was inferred. */
export function evaluate(outputs: readonly Tensor[], feeds: Feeds): HostValue[] {
  const known = new Map<Tensor, HostValue>();
  const valueOf = (x: Tensor): HostValue => {
    const value = known.get(x) ?? leafValue(x, feeds);
    known.set(x, value);
    return value;
  };
  for (const node of topologicalOrder(outputs)) {
    const run = kernels.get(node.op.name);
    if (run === undefined) throw new Error(`${node.op.name} has no reference kernel`);
    const results = run({
      inputs: node.inputs.map(valueOf),
      attributes: node.attributes as never,
      outputs: node.outputs,
    });
    node.outputs.forEach((output, i) => {
      const result = results[i]!;
      if (!sameShape(result.shape, output.shape)) {
        const shapes = `${show(result.shape)}, inferred was ${show(output.shape)}`;
        throw new Error(`${node.op.name} gave output ${i} the shape ${shapes}`);
      }
      known.set(output, result);
    });
  }
  return outputs.map(valueOf);
}

function leafValue({ source, shape, dtype }: Tensor, feeds: Feeds): HostValue {
  if (source.kind === 'constant') return { shape, data: toFloat64(source.data, dtype) };
  if (source.kind !== 'input') throw new Error(`cannot evaluate a leaf of kind ${source.kind}`);
  const fed = feeds[source.name];
  if (fed === undefined) throw new Error(`"${source.name}" was not fed`);
  return { shape, data: toFloat64(fed, dtype) };
}

function toFloat64(values: ArrayLike<number | bigint>, dtype: Tensor['dtype']): Float64Array {
  const numbers = dtype === 'float16' ? fromFloat16(values as Uint16Array) : values;
  return Float64Array.from(numbers, Number);
}
