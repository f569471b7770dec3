/** Vision Transformer (Dosovitskiy et al. 2021) with a class token, with timm's keys. */
import {
  add,
  broadcastTo,
  concat,
  gelu,
  reshape,
  scaledDotProductAttention,
  slice,
  split,
  type Tensor,
} from '../graph/index.js';
import { conv2d, layerNorm, linear, normal, zeros, type Parameters } from '../nn/index.js';
import type { BackboneFamily, TracedBackbone } from './backbone.js';
import { channelsFirst, channelsLast } from './channels-last.js';

export interface VisionTransformerConfig {
  /** Side of a patch in pixels. */
  readonly patch: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly classes: number;
}

const EPSILON = 1e-6;

/**
 * Layers `blocks.0` to the last block and `norm`, the last block's tokens normalised: the tokens of the
 * patches as a square map. The classes are read from the class token, which is in no map.
 */
export function visionTransformer(config: VisionTransformerConfig): BackboneFamily {
  return {
    trace: (p, images) => trace(p, images, config),
    classifier: undefined,
  };
}

function trace(p: Parameters, images: Tensor, config: VisionTransformerConfig): TracedBackbone {
  const { patch, width, depth, heads, classes } = config;
  const taps = new Map<string, Tensor>();
  const patches = conv2d(p.scope('patch_embed.proj'), images, width, patch, { stride: patch });
  const [n, , rows, columns] = patches.shape as [number, number, number, number];
  const count = rows * columns;
  const tap = (name: string, tokens: Tensor): void => {
    const grid = slice(tokens, [{ axis: 1, start: 1, end: count + 1 }]);
    taps.set(name, channelsFirst(reshape(grid, [n, rows, columns, width])));
  };

  const classToken = broadcastTo(p.tensor('cls_token', [1, 1, width], normal(1e-6)), [n, 1, width]);
  const tokens = concat([classToken, reshape(channelsLast(patches), [n, count, width])], 1);
  let x = add(tokens, p.tensor('pos_embed', [1, count + 1, width], normal(0.02)));
  for (let i = 0; i < depth; i++) {
    x = block(p.scope(`blocks.${i}`), x, heads);
    tap(`blocks.${i}`, x);
  }
  x = layerNorm(p.scope('norm'), x, EPSILON);
  tap('norm', x);
  const first = reshape(slice(x, [{ axis: 1, start: 0, end: 1 }]), [n, width]);
  return { taps, logits: linear(p.scope('head'), first, classes, { initialise: zeros }) };
}

function block(p: Parameters, x: Tensor, heads: number): Tensor {
  const attended = selfAttention(p.scope('attn'), layerNorm(p.scope('norm1'), x, EPSILON), heads);
  const h = add(x, attended);
  const width = x.dim(-1);
  const wide = gelu(linear(p.scope('mlp.fc1'), layerNorm(p.scope('norm2'), h, EPSILON), 4 * width));
  return add(h, linear(p.scope('mlp.fc2'), wide, width));
}

/** Multi-head attention among tokens [N, L, C], with queries, keys and values from one product. */
function selfAttention(p: Parameters, x: Tensor, heads: number): Tensor {
  const width = x.dim(-1);
  const [query, key, value] = split(linear(p.scope('qkv'), x, 3 * width), 3, 2);
  const mixed = scaledDotProductAttention(query!, key!, value!, heads);
  return linear(p.scope('proj'), mixed, width);
}
