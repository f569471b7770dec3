/** The KL autoencoder of Stable Diffusion v1 (Rombach et al. 2022), named as in diffusers. */
import {
  add,
  clamp,
  constant,
  depthToSpace,
  div,
  exp,
  mul,
  silu,
  spaceToDepth,
  split,
  sub,
  type Tensor,
} from '../graph/index.js';
import { conv2d, groupNorm, type Parameters } from '../nn/index.js';
import {
  autoencoderAttention,
  downsample,
  resnetBlock,
  upsample,
  type NormConfig,
} from './blocks.js';

/**
 * Sizes of an autoencoder. Stable Diffusion v1: 4, [128, 256, 512, 512], [2, 2, 2, 2], 32, and latents
 * times 0.18215 (mean 0, deviation 1 / 0.18215).
 */
export interface AutoencoderConfig {
  readonly latentChannels: number;
  /** Channels of each level, finest first; each further level halves the resolution. */
  readonly channels: readonly number[];
  /** Residual blocks of each level in the encoder; the decoder has one more. */
  readonly layersPerLevel: readonly number[];
  readonly groups: number;
  /** Images enter and leave as patches of this side in the channels; Stable Diffusion: 1 (pixels). */
  readonly patchSize: number;
  /** Per channel: the denoiser sees (latent - mean) / deviation, close to unit variance. */
  readonly latentMean: readonly number[];
  readonly latentDeviation: readonly number[];
}

/** The posterior over unscaled latents; logvar clamped to [-30, 20]. */
export interface LatentDistribution {
  readonly mean: Tensor;
  readonly logVariance: Tensor;
}

const normOf = (config: AutoencoderConfig): NormConfig => ({
  groups: config.groups,
  epsilon: 1e-6,
});

function middle(p: Parameters, x: Tensor, norm: NormConfig): Tensor {
  let h = resnetBlock(p.scope('resnets.0'), x, x.dim(1), norm);
  h = autoencoderAttention(p.scope('attentions.0'), h, norm);
  return resnetBlock(p.scope('resnets.1'), h, x.dim(1), norm);
}

/** Images [N, 3, H, W] in [-1, 1] to the distribution of latents [N, 4, H/f, W/f]. */
export function encode(
  p: Parameters,
  config: AutoencoderConfig,
  images: Tensor,
): LatentDistribution {
  const norm = normOf(config);
  const encoder = p.scope('encoder');
  const patches = spaceToDepth(images, config.patchSize);
  let h = conv2d(encoder.scope('conv_in'), patches, config.channels[0]!, 3, { padding: 1 });
  config.channels.forEach((channels, level) => {
    const block = encoder.scope(`down_blocks.${level}`);
    for (let i = 0; i < config.layersPerLevel[level]!; i++) {
      h = resnetBlock(block.scope(`resnets.${i}`), h, channels, norm);
    }
    if (level < config.channels.length - 1)
      h = downsample(block.scope('downsamplers.0'), h, 'after');
  });
  h = middle(encoder.scope('mid_block'), h, norm);
  h = silu(groupNorm(encoder.scope('conv_norm_out'), h, norm.groups, norm.epsilon));
  h = conv2d(encoder.scope('conv_out'), h, 2 * config.latentChannels, 3, { padding: 1 });
  const moments = conv2d(p.scope('quant_conv'), h, 2 * config.latentChannels, 1);
  const [mean, logVariance] = split(moments, 2, 1);
  return { mean: mean!, logVariance: clamp(logVariance!, -30, 20) };
}

/** Latents as the denoiser sees them: per channel (z - mean) / deviation. */
export function normaliseLatents(config: AutoencoderConfig, latents: Tensor): Tensor {
  return div(sub(latents, perChannel(config.latentMean)), perChannel(config.latentDeviation));
}

/** The inverse of `normaliseLatents`. */
export function restoreLatents(config: AutoencoderConfig, latents: Tensor): Tensor {
  return add(mul(latents, perChannel(config.latentDeviation)), perChannel(config.latentMean));
}

const perChannel = (values: readonly number[]): Tensor =>
  constant(values, [1, values.length, 1, 1]);

/** mean + deviation · noise, unscaled. */
export function sampleLatents({ mean, logVariance }: LatentDistribution, noise: Tensor): Tensor {
  return add(mean, mul(exp(mul(logVariance, 0.5)), noise));
}

/** Unscaled latents [N, 4, h, w] to images [N, 3, h·f, w·f], about [-1, 1]. */
export function decode(p: Parameters, config: AutoencoderConfig, latents: Tensor): Tensor {
  const norm = normOf(config);
  const decoder = p.scope('decoder');
  const top = config.channels.at(-1)!;
  const adapted = conv2d(p.scope('post_quant_conv'), latents, config.latentChannels, 1);
  let h = conv2d(decoder.scope('conv_in'), adapted, top, 3, { padding: 1 });
  h = middle(decoder.scope('mid_block'), h, norm);
  [...config.channels].reverse().forEach((channels, i) => {
    const level = config.channels.length - 1 - i;
    const block = decoder.scope(`up_blocks.${i}`);
    for (let j = 0; j <= config.layersPerLevel[level]!; j++) {
      h = resnetBlock(block.scope(`resnets.${j}`), h, channels, norm);
    }
    if (level > 0) h = upsample(block.scope('upsamplers.0'), h);
  });
  h = silu(groupNorm(decoder.scope('conv_norm_out'), h, norm.groups, norm.epsilon));
  h = conv2d(decoder.scope('conv_out'), h, 3 * config.patchSize ** 2, 3, { padding: 1 });
  return depthToSpace(h, config.patchSize);
}

/** Width of the images of latents of width 1. */
export function latentStride(config: AutoencoderConfig): number {
  return config.patchSize * 2 ** (config.channels.length - 1);
}
