/** The building blocks of Stable Diffusion v1, named as in diffusers. Images are [N, C, H, W]. */
import {
  add,
  concat,
  constant,
  cos,
  gelu,
  mul,
  pad,
  reshape,
  show,
  ShapeError,
  silu,
  sin,
  split,
  transpose,
  upsampleNearest,
  type Tensor,
} from '../graph/index.js';
import { attention, conv2d, groupNorm, layerNorm, linear, type Parameters } from '../nn/index.js';

/** Normalisation shared by the blocks of one network. */
export interface NormConfig {
  readonly groups: number;
  readonly epsilon: number;
}

/** norm, SiLU, conv, + time, norm, SiLU, conv, + skip. `timeEmbedding` [N, E] is absent in the VAE. */
export function resnetBlock(
  p: Parameters,
  x: Tensor,
  out: number,
  norm: NormConfig,
  timeEmbedding?: Tensor,
): Tensor {
  const { groups, epsilon } = norm;
  let h = silu(groupNorm(p.scope('norm1'), x, groups, epsilon));
  h = conv2d(p.scope('conv1'), h, out, 3, { padding: 1 });
  if (timeEmbedding) {
    const shift = linear(p.scope('time_emb_proj'), silu(timeEmbedding), out);
    h = add(h, reshape(shift, [shift.dim(0), out, 1, 1]));
  }
  h = silu(groupNorm(p.scope('norm2'), h, groups, epsilon));
  h = conv2d(p.scope('conv2'), h, out, 3, { padding: 1 });
  const skip = x.dim(1) === out ? x : conv2d(p.scope('conv_shortcut'), x, out, 1);
  return add(skip, h);
}

/** Self-attention, cross-attention to `context` [N, M, D] and GEGLU over the positions of an image. */
export function spatialTransformer(
  p: Parameters,
  x: Tensor,
  context: Tensor,
  heads: number,
  groups: number,
): Tensor {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const projected = conv2d(p.scope('proj_in'), groupNorm(p.scope('norm'), x, groups, 1e-6), c, 1);
  let h = imageToTokens(projected);
  const block = p.scope('transformer_blocks.0');
  const own = layerNorm(block.scope('norm1'), h, 1e-5);
  h = add(h, attention(block.scope('attn1'), own, own, heads));
  const cross = layerNorm(block.scope('norm2'), h, 1e-5);
  h = add(h, attention(block.scope('attn2'), cross, context, heads));
  h = add(h, geglu(block.scope('ff'), layerNorm(block.scope('norm3'), h, 1e-5)));
  const image = reshape(transpose(h, [0, 2, 1]), [n, c, height, width]);
  return add(conv2d(p.scope('proj_out'), image, c, 1), x);
}

/** Feed-forward layer with a gated GELU (Shazeer 2020), inner width 4C. */
function geglu(p: Parameters, x: Tensor): Tensor {
  const width = x.dim(-1);
  const [value, gate] = split(linear(p.scope('net.0.proj'), x, 8 * width), 2, -1);
  return linear(p.scope('net.2'), mul(value!, gelu(gate!)), width);
}

/** Single-head attention of the VAE's middle block. */
export function autoencoderAttention(p: Parameters, x: Tensor, norm: NormConfig): Tensor {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const tokens = imageToTokens(groupNorm(p.scope('group_norm'), x, norm.groups, norm.epsilon));
  const mixed = attention(p, tokens, tokens, 1, { qkvBias: true });
  return add(x, reshape(transpose(mixed, [0, 2, 1]), [n, c, height, width]));
}

/** [N, C, H, W] to [N, H·W, C]. */
function imageToTokens(x: Tensor): Tensor {
  const [n, c] = x.shape as [number, number];
  return transpose(reshape(x, [n, c, -1]), [0, 2, 1]);
}

/** Halves the resolution: 3×3 with stride 2; the VAE pads right and bottom only. */
export function downsample(p: Parameters, x: Tensor, padding: 'symmetric' | 'after'): Tensor {
  const padded = padding === 'after' ? pad(x, [0, 0, 0, 0], [0, 0, 1, 1]) : x;
  const options = { stride: 2, padding: padding === 'after' ? 0 : 1 };
  return conv2d(p.scope('conv'), padded, x.dim(1), 3, options);
}

/** Doubles the resolution: nearest neighbour, then 3×3. */
export function upsample(p: Parameters, x: Tensor): Tensor {
  return conv2d(p.scope('conv'), upsampleNearest(x, 2), x.dim(1), 3, { padding: 1 });
}

/**
 * Sinusoids of the timestep (DDPM, Ho et al. 2020) in the order [cos, sin], then an MLP.
 * `timesteps` [N] in 0..999; result [N, 4·width].
 */
export function timeEmbedding(p: Parameters, timesteps: Tensor, width: number): Tensor {
  if (width % 2 !== 0) {
    const shape = show(timesteps.shape);
    throw new ShapeError(`timeEmbedding(${shape}): the width must be even, got ${width}`);
  }
  const half = width / 2;
  const frequencies = Array.from({ length: half }, (_, i) =>
    Math.exp((-Math.log(10000) * i) / half),
  );
  const angles = mul(reshape(timesteps, [-1, 1]), constant(frequencies, [1, half]));
  const waves = concat([cos(angles), sin(angles)], 1);
  const hidden = silu(linear(p.scope('linear_1'), waves, 4 * width));
  return linear(p.scope('linear_2'), hidden, 4 * width);
}
