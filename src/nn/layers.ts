/** Layers with named parameters, called as functions while a model is traced. */
import {
  add,
  conv2d as convolve,
  div,
  matmul,
  mul,
  reshape,
  show,
  ShapeError,
  sqrt,
  standardise,
  sub,
  type Padding,
  type Tensor,
} from '../graph/index.js';
import { ones, uniformFanIn, zeros, type Initialiser } from './initialisers.js';
import type { Parameters } from './parameters.js';

export interface ConvLayerOptions {
  readonly stride?: number;
  readonly padding?: number | Padding;
  readonly groups?: number;
  readonly bias?: boolean;
  /** Starting values of weight and bias; default: PyTorch's. */
  readonly initialise?: Initialiser;
}

/** Convolution of [N, C, H, W] with a square kernel; `weight` [out, C / groups, k, k], `bias` [out]. */
export function conv2d(
  p: Parameters,
  x: Tensor,
  out: number,
  kernel: number,
  options: ConvLayerOptions = {},
): Tensor {
  const { stride = 1, padding = 0, groups = 1, bias = true } = options;
  const inner = x.dim(1) / groups;
  const initialise = options.initialise ?? uniformFanIn(inner * kernel * kernel);
  const weight = p.tensor('weight', [out, inner, kernel, kernel], initialise);
  return convolve(x, weight, {
    bias: bias ? p.tensor('bias', [out], initialise) : undefined,
    stride,
    padding,
    groups,
  });
}

/** x Wᵀ + b over the last axis; `weight` [out, in], `bias` [out]. */
export function linear(
  p: Parameters,
  x: Tensor,
  out: number,
  options: { bias?: boolean; initialise?: Initialiser } = {},
): Tensor {
  const inner = x.dim(-1);
  const initialise = options.initialise ?? uniformFanIn(inner);
  const weight = p.tensor('weight', [out, inner], initialise);
  // Flattening makes the weight gradient one product instead of one for each image.
  const product = matmul(reshape(x, [-1, inner]), weight, { transposeB: true });
  const biased =
    options.bias === false ? product : add(product, p.tensor('bias', [out], initialise));
  return reshape(biased, [...x.shape.slice(0, -1), out]);
}

/** Normalisation over groups of channels of [N, C, H, W] (Wu and He 2018). */
export function groupNorm(p: Parameters, x: Tensor, groups: number, epsilon: number): Tensor {
  const [n, c] = x.shape as [number, number];
  if (c % groups !== 0) {
    const shape = show(x.shape);
    throw new ShapeError(`groupNorm(${shape}): ${c} channels do not split into ${groups} groups`);
  }
  const normal = reshape(standardise(reshape(x, [n, groups, -1]), epsilon), x.shape);
  const weight = reshape(p.tensor('weight', [c], ones), [1, c, 1, 1]);
  const bias = reshape(p.tensor('bias', [c], zeros), [1, c, 1, 1]);
  return add(mul(normal, weight), bias);
}

/** Normalisation over the last axis (Ba et al. 2016). */
export function layerNorm(p: Parameters, x: Tensor, epsilon: number): Tensor {
  const width = x.dim(-1);
  const scaled = mul(standardise(x, epsilon), p.tensor('weight', [width], ones));
  return add(scaled, p.tensor('bias', [width], zeros));
}

/** Batch normalisation with running statistics, as at inference: one scale and shift per channel. */
export function batchNorm(p: Parameters, x: Tensor, epsilon: number): Tensor {
  const c = x.dim(1);
  const weight = p.tensor('weight', [c], ones);
  const scale = div(weight, sqrt(add(p.tensor('running_var', [c], ones), epsilon)));
  const shift = sub(p.tensor('bias', [c], zeros), mul(p.tensor('running_mean', [c], zeros), scale));
  return add(mul(x, reshape(scale, [1, c, 1, 1])), reshape(shift, [1, c, 1, 1]));
}
