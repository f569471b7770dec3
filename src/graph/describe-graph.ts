import { show, topologicalOrder, type Tensor } from './tensor.js';

/**
 * The graph behind named outputs as text, one line for each node in the order of computation:
 * `%2 float32[2] = sum(%1) {"axes":[1]}`. Equal graphs give equal text.
 */
export function describeGraph(outputs: Readonly<Record<string, Tensor>>): string {
  const names = new Map<Tensor, string>();
  const lines: string[] = [];
  const nameOf = (x: Tensor): string => names.get(x) ?? leafName(x);
  for (const { op, inputs, attributes, outputs: results } of topologicalOrder(
    Object.values(outputs),
  )) {
    for (const result of results) names.set(result, `%${names.size}`);
    const left = results.map((x) => `${nameOf(x)} ${typeName(x)}`).join(', ');
    const text = JSON.stringify(attributes);
    const options = text === '{}' ? '' : ` ${text}`;
    lines.push(`${left} = ${op.name}(${inputs.map(nameOf).join(', ')})${options}`);
  }
  for (const [name, x] of Object.entries(outputs)) lines.push(`${name} = ${nameOf(x)}`);
  return lines.join('\n');
}

const typeName = (x: Tensor): string => `${x.dtype}${show(x.shape)}`;

function leafName(x: Tensor): string {
  const { source } = x;
  if (source.kind === 'input') return `${source.name}:${typeName(x)}`;
  if (source.kind === 'file') return `file ${source.name}:${typeName(x)}`;
  if (source.kind !== 'constant') throw new Error('a node is not a leaf');
  return source.data.length === 1 ? String(source.data[0]) : `constant:${typeName(x)}`;
}
