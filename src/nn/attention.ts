import { scaledDotProductAttention, type Tensor } from '../graph/index.js';
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
  const width = x.dim(-1);
  const bias = options.qkvBias ?? false;
  const project = (name: string, source: Tensor): Tensor =>
    linear(p.scope(name), source, width, { bias });
  const [query, key, value] = [
    project('to_q', x),
    project('to_k', context),
    project('to_v', context),
  ];
  return linear(p.scope('to_out.0'), scaledDotProductAttention(query, key, value, heads), width);
}
