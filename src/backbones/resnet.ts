/**
 * ResNet (He et al. 2016) with timm's and torchvision's keys. In bottleneck blocks the 3×3 convolution has
 * the stride ("v1.5").
 */
import { add, globalAveragePool, maxPool2d, relu, type Tensor } from '../graph/index.js';
import { batchNorm, conv2d, linear, type Parameters } from '../nn/index.js';
import type { BackboneFamily, TracedBackbone } from './backbone.js';

export interface ResNetConfig {
  readonly block: 'basic' | 'bottleneck';
  /** Blocks of `layer1` to `layer4`. */
  readonly depths: readonly [number, number, number, number];
  readonly classes: number;
}

const STEM_CHANNELS = 64;
/** Channels inside the blocks of `layer1`; each later stage has twice as many. */
const CHANNELS = 64;
/** Channels of a bottleneck's output over those inside. */
const EXPANSION = 4;
const EPSILON = 1e-5;

/** Layers `layer1` to `layer4`, each after its last ReLU; `layer4` is pooled. */
export function resNet(config: ResNetConfig): BackboneFamily {
  return {
    trace: (p, images) => trace(p, images, config),
    classifier: { layer: 'layer4', weight: 'fc.weight', bias: 'fc.bias', firstRow: 0 },
  };
}

function trace(p: Parameters, images: Tensor, config: ResNetConfig): TracedBackbone {
  const taps = new Map<string, Tensor>();
  const stem = convNorm(p, images, STEM_CHANNELS, ['conv1', 'bn1'], 7, 2);
  const block = config.block === 'basic' ? basicBlock : bottleneck;
  let x = maxPool2d(relu(stem), 3, 2, 1);
  config.depths.forEach((depth, stage) => {
    const name = `layer${stage + 1}`;
    for (let i = 0; i < depth; i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      x = block(p.scope(`${name}.${i}`), x, CHANNELS * 2 ** stage, stride);
    }
    taps.set(name, x);
  });
  return { taps, logits: linear(p.scope('fc'), globalAveragePool(x), config.classes) };
}

function basicBlock(p: Parameters, x: Tensor, channels: number, stride: number): Tensor {
  const h = relu(convNorm(p, x, channels, ['conv1', 'bn1'], 3, stride));
  const out = convNorm(p, h, channels, ['conv2', 'bn2'], 3);
  return relu(add(out, shortcut(p, x, channels, stride)));
}

function bottleneck(p: Parameters, x: Tensor, channels: number, stride: number): Tensor {
  const wide = channels * EXPANSION;
  const narrow = relu(convNorm(p, x, channels, ['conv1', 'bn1'], 1));
  const h = relu(convNorm(p, narrow, channels, ['conv2', 'bn2'], 3, stride));
  const out = convNorm(p, h, wide, ['conv3', 'bn3'], 1);
  return relu(add(out, shortcut(p, x, wide, stride)));
}

/** The input itself, or a projection of it where the block changes its shape. */
function shortcut(p: Parameters, x: Tensor, out: number, stride: number): Tensor {
  if (stride === 1 && x.dim(1) === out) return x;
  return convNorm(p, x, out, ['downsample.0', 'downsample.1'], 1, stride);
}

function convNorm(
  p: Parameters,
  x: Tensor,
  out: number,
  [conv, norm]: readonly [string, string],
  kernel: number,
  stride = 1,
): Tensor {
  const padding = (kernel - 1) / 2;
  const h = conv2d(p.scope(conv), x, out, kernel, { stride, padding, bias: false });
  return batchNorm(p.scope(norm), h, EPSILON);
}
