/**
 * MobileNetV1 at width 0.25 (Howard et al. 2017) with batch normalisation folded into the kernels, as
 * TensorFlow.js publishes it. Keys are the graph's node names: `Conv2d_1_depthwise.weight`, …
 */
import { globalAveragePool, relu6, slice, type Tensor } from '../graph/index.js';
import { linear, type Parameters } from '../nn/index.js';
import type { BackboneFamily, TracedBackbone } from './backbone.js';
import { sameConv } from './same-conv.js';

const STEM_CHANNELS = 8;

/** Stride of each depthwise convolution and channels after each pointwise one. */
const BLOCKS: readonly { readonly stride: number; readonly channels: number }[] = [
  { stride: 1, channels: 16 },
  { stride: 2, channels: 32 },
  { stride: 1, channels: 32 },
  { stride: 2, channels: 64 },
  { stride: 1, channels: 64 },
  { stride: 2, channels: 128 },
  { stride: 1, channels: 128 },
  { stride: 1, channels: 128 },
  { stride: 1, channels: 128 },
  { stride: 1, channels: 128 },
  { stride: 1, channels: 128 },
  { stride: 2, channels: 256 },
  { stride: 1, channels: 256 },
];

/** The network's own classes: background, then ImageNet's 1000. */
const CLASSES = 1001;

/** Layers `Conv2d_0`, `Conv2d_1_depthwise`, `Conv2d_1_pointwise` to `Conv2d_13_pointwise`, after ReLU6. */
export const mobileNetV1: BackboneFamily = {
  trace,
  classifier: {
    layer: 'Conv2d_13_pointwise',
    weight: 'Logits.weight',
    bias: 'Logits.bias',
    firstRow: 1,
  },
};

function trace(p: Parameters, images: Tensor): TracedBackbone {
  const taps = new Map<string, Tensor>();
  const layer = (name: string, x: Tensor, out: number, kernel: number, options = {}): Tensor => {
    const map = relu6(sameConv(p.scope(name), x, out, kernel, { ...options, bias: true }));
    taps.set(name, map);
    return map;
  };
  let x = layer('Conv2d_0', images, STEM_CHANNELS, 3, { stride: 2 });
  BLOCKS.forEach(({ stride, channels }, i) => {
    const groups = x.dim(1);
    x = layer(`Conv2d_${i + 1}_depthwise`, x, groups, 3, { stride, groups });
    x = layer(`Conv2d_${i + 1}_pointwise`, x, channels, 1);
  });
  const logits = linear(p.scope('Logits'), globalAveragePool(x), CLASSES);
  // The background class is left out: the logits are in ImageNet's order.
  return { taps, logits: slice(logits, [{ axis: 1, start: 1, end: CLASSES }]) };
}
