/** Swin Transformer V2 (Liu et al. 2022) with timm's keys. Maps inside are [N, H, W, C]. */
import { add, gelu, globalAveragePool, reshape, transpose, type Tensor } from '../graph/index.js';
import { conv2d, layerNorm, linear, type Parameters } from '../nn/index.js';
import type { BackboneFamily, TracedBackbone } from './backbone.js';
import { channelsFirst, channelsLast } from './channels-last.js';
import { shifted, windowAttention, windowLayout, type WindowLayout } from './window-attention.js';

export interface SwinV2Config {
  /** Channels of the first stage; each later one has twice as many. */
  readonly channels: number;
  /** Blocks of each stage. */
  readonly depths: readonly number[];
  /** Attention heads of each stage. */
  readonly heads: readonly number[];
  /** Side of the windows in patches; smaller maps are one window. */
  readonly window: number;
  /** Sides of the windows with which the position bias was pretrained, one a stage; 0: the same ones. */
  readonly pretrainedWindows: readonly number[];
  readonly classes: number;
}

const PATCH = 4;
const EPSILON = 1e-5;

/** Layers `stages.0` to `stages.3`, and `norm`: the last one normalised, which is pooled. */
export function swinV2(config: SwinV2Config): BackboneFamily {
  return {
    trace: (p, images) => trace(p, images, config),
    classifier: { layer: 'norm', weight: 'head.fc.weight', bias: 'head.fc.bias', firstRow: 0 },
  };
}

function trace(p: Parameters, images: Tensor, config: SwinV2Config): TracedBackbone {
  const { channels, depths, heads, window, pretrainedWindows, classes } = config;
  const taps = new Map<string, Tensor>();
  const patches = conv2d(p.scope('patch_embed.proj'), images, channels, PATCH, { stride: PATCH });
  let x = layerNorm(p.scope('patch_embed.norm'), channelsLast(patches), EPSILON);
  depths.forEach((depth, stage) => {
    const scope = p.scope(`layers.${stage}`);
    if (stage > 0) x = mergePatches(scope.scope('downsample'), x);
    const grid = x.dim(1);
    const side = Math.min(window, grid);
    const plain = windowLayout(side, pretrainedWindows[stage]! || side);
    // Every second block looks across the borders of the windows of the one before it.
    const across = grid > window ? shifted(plain, grid, Math.floor(window / 2)) : plain;
    for (let i = 0; i < depth; i++) {
      const layout = i % 2 === 0 ? plain : across;
      x = block(scope.scope(`blocks.${i}`), x, heads[stage]!, layout);
    }
    taps.set(`stages.${stage}`, channelsFirst(x));
  });
  const last = channelsFirst(layerNorm(p.scope('norm'), x, EPSILON));
  taps.set('norm', last);
  return { taps, logits: linear(p.scope('head.fc'), globalAveragePool(last), classes) };
}

/** Normalises what each part adds, not what it reads. */
function block(p: Parameters, x: Tensor, heads: number, layout: WindowLayout): Tensor {
  const attended = windowAttention(p.scope('attn'), x, heads, layout);
  const h = add(x, layerNorm(p.scope('norm1'), attended, EPSILON));
  const width = x.dim(-1);
  const wide = gelu(linear(p.scope('mlp.fc1'), h, 4 * width));
  const narrow = linear(p.scope('mlp.fc2'), wide, width);
  return add(h, layerNorm(p.scope('norm2'), narrow, EPSILON));
}

/** Joins 2×2 neighbours: [N, H, W, C] to [N, H/2, W/2, 2C]. */
function mergePatches(p: Parameters, x: Tensor): Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const open = reshape(x, [n, h / 2, 2, w / 2, 2, c]);
  // Down comes before across in the order of the joined channels.
  const joined = reshape(transpose(open, [0, 1, 3, 4, 2, 5]), [n, h / 2, w / 2, 4 * c]);
  const reduced = linear(p.scope('reduction'), joined, 2 * c, { bias: false });
  return layerNorm(p.scope('norm'), reduced, EPSILON);
}
