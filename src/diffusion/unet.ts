/** The UNet of Stable Diffusion v1 (Rombach et al. 2022): its encoder is also the ControlNet's. */
import { add, concat, segmentBorder, silu, type Tensor } from '../graph/index.js';
import { conv2d, groupNorm, type Parameters } from '../nn/index.js';
import {
  downsample,
  resnetBlock,
  spatialTransformer,
  timeEmbedding,
  upsample,
  type NormConfig,
} from './blocks.js';

/** Sizes of a UNet. Stable Diffusion v1: 4, [320, 640, 1280, 1280], 2, [true, true, true, false], 8, 32, 77, 768. */
export interface UNetConfig {
  /** Channels of the latents. */
  readonly latentChannels: number;
  /** Channels of each level, finest first. */
  readonly channels: readonly number[];
  /** Residual blocks a level in the encoder; the decoder has one more. */
  readonly layersPerLevel: number;
  /** Which levels attend; the middle always does. */
  readonly attention: readonly boolean[];
  readonly heads: number;
  readonly groups: number;
  readonly contextLength: number;
  readonly contextWidth: number;
}

/** Inputs of a denoiser: latents [N, 4, h, w], timesteps [N], context [N, M, D]. */
export interface DenoiserInputs {
  readonly latents: Tensor;
  readonly timesteps: Tensor;
  readonly context: Tensor;
}

export interface EncoderOutputs {
  /** The outputs of conv_in, of each block and of each downsampler, in order. */
  readonly skips: readonly Tensor[];
  readonly middle: Tensor;
  readonly timeEmbedding: Tensor;
}

const normOf = (config: UNetConfig): NormConfig => ({ groups: config.groups, epsilon: 1e-5 });

/** conv_in, down blocks and middle block. `hint` is added once, after conv_in (ControlNet). */
export function unetEncoder(
  p: Parameters,
  config: UNetConfig,
  { latents, timesteps, context }: DenoiserInputs,
  hint?: Tensor,
): EncoderOutputs {
  const norm = normOf(config);
  const [first] = config.channels as [number, ...number[]];
  const time = timeEmbedding(p.scope('time_embedding'), timesteps, first);
  let h = conv2d(p.scope('conv_in'), latents, first, 3, { padding: 1 });
  if (hint) h = add(h, hint);
  const skips = [h];
  config.channels.forEach((channels, level) => {
    const block = p.scope(`down_blocks.${level}`);
    for (let i = 0; i < config.layersPerLevel; i++) {
      h = resnetBlock(block.scope(`resnets.${i}`), h, channels, norm, time);
      if (config.attention[level]) {
        h = spatialTransformer(
          block.scope(`attentions.${i}`),
          h,
          context,
          config.heads,
          config.groups,
        );
      }
      h = segmentBorder(h);
      skips.push(h);
    }
    if (level < config.channels.length - 1) {
      h = downsample(block.scope('downsamplers.0'), h, 'symmetric');
      skips.push(h);
    }
  });
  const mid = p.scope('mid_block');
  h = resnetBlock(mid.scope('resnets.0'), h, h.dim(1), norm, time);
  h = spatialTransformer(mid.scope('attentions.0'), h, context, config.heads, config.groups);
  h = segmentBorder(resnetBlock(mid.scope('resnets.1'), h, h.dim(1), norm, time));
  return { skips, middle: h, timeEmbedding: time };
}

/** Up blocks and output convolution: predicts the noise in the latents. */
export function unetDecoder(
  p: Parameters,
  config: UNetConfig,
  encoded: EncoderOutputs,
  context: Tensor,
): Tensor {
  const norm = normOf(config);
  const skips = [...encoded.skips];
  let h = encoded.middle;
  [...config.channels].reverse().forEach((channels, i) => {
    const level = config.channels.length - 1 - i;
    const block = p.scope(`up_blocks.${i}`);
    for (let j = 0; j <= config.layersPerLevel; j++) {
      h = concat([h, skips.pop()!], 1);
      h = resnetBlock(block.scope(`resnets.${j}`), h, channels, norm, encoded.timeEmbedding);
      if (config.attention[level]) {
        h = spatialTransformer(
          block.scope(`attentions.${j}`),
          h,
          context,
          config.heads,
          config.groups,
        );
      }
      h = segmentBorder(h);
    }
    if (level > 0) h = upsample(block.scope('upsamplers.0'), h);
  });
  h = silu(groupNorm(p.scope('conv_norm_out'), h, config.groups, 1e-5));
  return conv2d(p.scope('conv_out'), h, config.latentChannels, 3, { padding: 1 });
}

/** Noise predicted in `latents`; `control` is added to the skips and to the middle output. */
export function unet(
  p: Parameters,
  config: UNetConfig,
  inputs: DenoiserInputs,
  control?: ControlResiduals,
): Tensor {
  const encoded = unetEncoder(p, config, inputs);
  const steered = control
    ? {
        ...encoded,
        skips: encoded.skips.map((skip, i) => add(skip, control.skips[i]!)),
        middle: add(encoded.middle, control.middle),
      }
    : encoded;
  return unetDecoder(p, config, steered, inputs.context);
}

/** What a ControlNet adds to the UNet. */
export interface ControlResiduals {
  readonly skips: readonly Tensor[];
  readonly middle: Tensor;
}
