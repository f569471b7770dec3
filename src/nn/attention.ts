import {
  matmul,
  mul,
  reshape,
  show,
  ShapeError,
  softmax,
  transpose,
  type Tensor,
} from '../graph/index.js';
import { linear } from './layers.js';
import type { Parameters } from './parameters.js';

/**
 * Multi-head attention (Vaswani et al. 2017) with diffusers' names: `to_q`, `to_k`, `to_v`, `to_out.0`.
 * x [N, L, C] asks, `context` [N, M, D] answers; scores are scaled by (C / heads)^-½.
 */
export function attention(
  p: Parameters,
  x: Tensor,
  context: Tensor,
  heads: number,
  options: { qkvBias?: boolean } = {},
): Tensor {
  const [n, length, width] = x.shape as [number, number, number];
  if (width % heads !== 0) {
    const shape = show(x.shape);
    throw new ShapeError(`attention(${shape}): ${width} channels do not split into ${heads} heads`);
  }
  const bias = options.qkvBias ?? false;
  const project = (name: string, source: Tensor): Tensor =>
    splitHeads(linear(p.scope(name), source, width, { bias }), heads);
  const query = mul(project('to_q', x), (width / heads) ** -0.5);
  const scores = matmul(query, project('to_k', context), { transposeB: true });
  const mixed = matmul(softmax(scores), project('to_v', context));
  const joined = reshape(transpose(mixed, [0, 2, 1, 3]), [n, length, width]);
  return linear(p.scope('to_out.0'), joined, width);
}

/** [N, L, heads·d] to [N, heads, L, d]. */
function splitHeads(x: Tensor, heads: number): Tensor {
  const [n, length, width] = x.shape as [number, number, number];
  return transpose(reshape(x, [n, length, heads, width / heads]), [0, 2, 1, 3]);
}
