/**
 * EfficientNet-Lite: EfficientNet (Tan and Le 2019) without squeeze-and-excitation, with ReLU6 and
 * TensorFlow's SAME padding. Keys as in the PyTorch port `efficientnet_lite_pytorch`.
 */
import { add, globalAveragePool, relu6, type Tensor } from '../graph/index.js';
import { batchNorm, conv2d, linear, type Parameters } from '../nn/index.js';
import type { BackboneFamily, TracedBackbone } from './backbone.js';
import { sameConv } from './same-conv.js';

interface Stage {
  readonly repeats: number;
  readonly kernel: number;
  readonly stride: number;
  readonly expand: number;
  readonly channels: number;
}

/** Stages of Lite0; wider members scale channels and repeats. */
const STAGES: readonly Stage[] = [
  { repeats: 1, kernel: 3, stride: 1, expand: 1, channels: 16 },
  { repeats: 2, kernel: 3, stride: 2, expand: 6, channels: 24 },
  { repeats: 2, kernel: 5, stride: 2, expand: 6, channels: 40 },
  { repeats: 3, kernel: 3, stride: 2, expand: 6, channels: 80 },
  { repeats: 3, kernel: 5, stride: 1, expand: 6, channels: 112 },
  { repeats: 4, kernel: 5, stride: 2, expand: 6, channels: 192 },
  { repeats: 1, kernel: 3, stride: 1, expand: 6, channels: 320 },
];

const STEM_CHANNELS = 32;
const HEAD_CHANNELS = 1280;
const CLASSES = 1000;
const EPSILON = 1e-3;

/**
 * Layers `stem`, `blocks.0` to `blocks.15` with the ReLU6 maps inside each, `blocks.1.expand` and
 * `blocks.1.depthwise`, and `head`, the map before pooling.
 */
export const efficientNetLite: BackboneFamily = {
  trace,
  classifier: { layer: 'head', weight: '_fc.weight', bias: '_fc.bias', firstRow: 0 },
};

function trace(p: Parameters, images: Tensor): TracedBackbone {
  const taps = new Map<string, Tensor>();
  const stem = sameConv(p.scope('_conv_stem'), images, STEM_CHANNELS, 3, { stride: 2 });
  let x = relu6(batchNorm(p.scope('_bn0'), stem, EPSILON));
  taps.set('stem', x);
  let index = 0;
  for (const stage of STAGES) {
    for (let i = 0; i < stage.repeats; i++, index++) {
      const tap = (part: string, map: Tensor): Tensor => {
        taps.set(`blocks.${index}${part}`, map);
        return map;
      };
      x = invertedBottleneck(
        p.scope(`_blocks.${index}`),
        x,
        stage,
        i === 0 ? stage.stride : 1,
        tap,
      );
    }
  }
  const head = conv2d(p.scope('_conv_head'), x, HEAD_CHANNELS, 1, { bias: false });
  x = relu6(batchNorm(p.scope('_bn1'), head, EPSILON));
  taps.set('head', x);
  return { taps, logits: linear(p.scope('_fc'), globalAveragePool(x), CLASSES) };
}

/** Expansion, depthwise convolution and linear projection, with a skip where shapes allow it. */
function invertedBottleneck(
  p: Parameters,
  x: Tensor,
  stage: Stage,
  stride: number,
  tap: (part: string, map: Tensor) => Tensor,
): Tensor {
  const wide = x.dim(1) * stage.expand;
  let h = x;
  if (stage.expand !== 1) {
    h = conv2d(p.scope('_expand_conv'), h, wide, 1, { bias: false });
    h = tap('.expand', relu6(batchNorm(p.scope('_bn0'), h, EPSILON)));
  }
  h = sameConv(p.scope('_depthwise_conv'), h, wide, stage.kernel, { stride, groups: wide });
  h = tap('.depthwise', relu6(batchNorm(p.scope('_bn1'), h, EPSILON)));
  h = conv2d(p.scope('_project_conv'), h, stage.channels, 1, { bias: false });
  h = batchNorm(p.scope('_bn2'), h, EPSILON);
  return tap('', stride === 1 && x.dim(1) === stage.channels ? add(h, x) : h);
}
