/** ConvNeXt (Liu et al. 2022) with timm's keys. */
import { add, gelu, globalAveragePool, mul, type Tensor } from '../graph/index.js';
import { conv2d, layerNorm, linear, ones, type Parameters } from '../nn/index.js';
import type { BackboneFamily, TracedBackbone } from './backbone.js';
import { channelsFirst, channelsLast } from './channels-last.js';

export interface ConvNextConfig {
  /** Blocks of each stage. */
  readonly depths: readonly [number, number, number, number];
  /** Channels of each stage. */
  readonly channels: readonly [number, number, number, number];
  readonly classes: number;
}

const EPSILON = 1e-6;

/**
 * Layers `stages.0` to `stages.3`; the last one is pooled, and a layer normalisation lies between its
 * average and the classes.
 */
export function convNext(config: ConvNextConfig): BackboneFamily {
  return {
    trace: (p, images) => trace(p, images, config),
    classifier: {
      layer: 'stages.3',
      norm: { weight: 'head.norm.weight', bias: 'head.norm.bias', epsilon: EPSILON },
      weight: 'head.fc.weight',
      bias: 'head.fc.bias',
      firstRow: 0,
    },
  };
}

function trace(p: Parameters, images: Tensor, config: ConvNextConfig): TracedBackbone {
  const taps = new Map<string, Tensor>();
  const { depths, channels } = config;
  let x = conv2d(p.scope('stem.0'), images, channels[0], 4, { stride: 4 });
  x = channelNorm(p.scope('stem.1'), x);
  depths.forEach((depth, i) => {
    const stage = p.scope(`stages.${i}`);
    if (i > 0) {
      const normal = channelNorm(stage.scope('downsample.0'), x);
      x = conv2d(stage.scope('downsample.1'), normal, channels[i]!, 2, { stride: 2 });
    }
    for (let j = 0; j < depth; j++) x = block(stage.scope(`blocks.${j}`), x);
    taps.set(`stages.${i}`, x);
  });
  const pooled = layerNorm(p.scope('head.norm'), globalAveragePool(x), EPSILON);
  return { taps, logits: linear(p.scope('head.fc'), pooled, config.classes) };
}

/** x + γ · MLP(LN(depthwise 7×7)). */
function block(p: Parameters, x: Tensor): Tensor {
  const channels = x.dim(1);
  const spread = conv2d(p.scope('conv_dw'), x, channels, 7, { padding: 3, groups: channels });
  const normal = layerNorm(p.scope('norm'), channelsLast(spread), EPSILON);
  const wide = gelu(linear(p.scope('mlp.fc1'), normal, 4 * channels));
  const narrow = linear(p.scope('mlp.fc2'), wide, channels);
  return add(x, channelsFirst(mul(narrow, p.tensor('gamma', [channels], ones))));
}

/** Normalisation over the channels of [N, C, H, W]. */
function channelNorm(p: Parameters, x: Tensor): Tensor {
  return channelsFirst(layerNorm(p, channelsLast(x), EPSILON));
}
