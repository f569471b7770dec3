/** ControlNet (Zhang et al. 2023) with the hint encoder of FeatInv (arXiv 2505.21032). */
import {
  add,
  constant,
  interpolationMatrix,
  matmul,
  reshape,
  silu,
  transpose,
} from '../graph/index.js';
import type { Tensor } from '../graph/index.js';
import { conv2d, uniformFanIn, zeros, type Parameters } from '../nn/index.js';
import {
  unetEncoder,
  type ControlResiduals,
  type DenoiserInputs,
  type UNetConfig,
} from './unet.js';

/** Width of the hint encoder: 512 in the paper. */
export interface HintConfig {
  readonly width: number;
}

/**
 * Bilinear upsampling of the feature map [N, C, h, w] to the latent grid, then conv3×3, SiLU, conv3×3,
 * SiLU, and a conv3×3 that starts at zero. Keys `block.{1,3,5}` as the authors'.
 */
export function hintEncoder(
  p: Parameters,
  features: Tensor,
  grid: readonly [number, number],
  config: HintConfig,
  out: number,
): Tensor {
  let h = silu(convOfUpsampled(p.scope('block.1'), features, grid, config.width));
  h = silu(conv2d(p.scope('block.3'), h, config.width, 3, { padding: 1 }));
  return conv2d(p.scope('block.5'), h, out, 3, { padding: 1, initialise: zeros });
}

/**
 * conv3×3(upsample(x)) with the channels mixed before upsampling. Both are linear and upsampling is
 * separable, so the result is R·Y·Rᵀ: Y holds W·x for each of the 3×3 taps, R places each tap's shifted
 * upsampling. The channel product runs on the few positions of the map (9×9 instead of 32×32).
 */
function convOfUpsampled(
  p: Parameters,
  x: Tensor,
  [height, width]: readonly [number, number],
  out: number,
): Tensor {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const initialise = uniformFanIn(c * 9);
  const weight = p.tensor('weight', [out, c, 3, 3], initialise);
  const bias = p.tensor('bias', [out], initialise);
  const perTap = reshape(transpose(weight, [0, 2, 3, 1]), [out * 9, c]);
  const positions = reshape(transpose(x, [0, 2, 3, 1]), [n * h * w, c]);
  const mixed = reshape(matmul(positions, perTap, { transposeB: true }), [n, h, w, out, 3, 3]);
  const taps = reshape(transpose(mixed, [0, 3, 4, 1, 5, 2]), [n, out, 3 * h, 3 * w]);
  const rows = shiftedUpsampling(h, height);
  const columns = shiftedUpsampling(w, width);
  const placed = matmul(matmul(rows, taps), columns, { transposeB: true });
  return add(placed, reshape(bias, [1, out, 1, 1]));
}

/** [to, 3·from]: for each tap of a 3-wide kernel, linear interpolation shifted by it, zero outside. */
function shiftedUpsampling(from: number, to: number): Tensor {
  const matrix = interpolationMatrix(from, to);
  const shifted = new Float32Array(to * 3 * from);
  for (let row = 0; row < to; row++) {
    for (let tap = 0; tap < 3; tap++) {
      const source = row + tap - 1;
      if (source < 0 || source >= to) continue;
      shifted.set(matrix.subarray(source * from, (source + 1) * from), (row * 3 + tap) * from);
    }
  }
  return constant(shifted, [to, 3 * from]);
}

/**
 * Residuals for the UNet: a trained copy of its encoder reads the latents and the hint; each output
 * passes a 1×1 convolution that starts at zero.
 */
export function controlNet(
  p: Parameters,
  config: UNetConfig,
  hintConfig: HintConfig,
  inputs: DenoiserInputs,
  features: Tensor,
): ControlResiduals {
  const grid = [inputs.latents.dim(2), inputs.latents.dim(3)] as const;
  const hint = hintEncoder(
    p.scope('input_hint_block'),
    features,
    grid,
    hintConfig,
    config.channels[0]!,
  );
  const { skips, middle } = unetEncoder(p, config, inputs, hint);
  const zeroConv = (name: string, x: Tensor): Tensor =>
    conv2d(p.scope(name), x, x.dim(1), 1, { initialise: zeros });
  return {
    skips: skips.map((skip, i) => zeroConv(`controlnet_down_blocks.${i}`, skip)),
    middle: zeroConv('controlnet_mid_block', middle),
  };
}
