/** The text encoder of CLIP (Radford et al. 2021), named as in transformers: `text_model.…`. */
import {
  add,
  constant,
  gatherRows,
  matmul,
  mul,
  quickGelu,
  reshape,
  show,
  ShapeError,
  softmax,
  transpose,
  type Tensor,
} from '../../graph/index.js';
import { layerNorm, linear, normal, type Parameters } from '../../nn/index.js';

export interface TextEncoderConfig {
  readonly vocabulary: number;
  /** Tokens of a prompt. */
  readonly positions: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width inside the feed-forward layers. */
  readonly innerWidth: number;
}

/** That of Stable Diffusion v1: CLIP ViT-L/14, 123,060,480 parameters. */
export const CLIP_VIT_L14: TextEncoderConfig = {
  vocabulary: 49_408,
  positions: 77,
  width: 768,
  layers: 12,
  heads: 12,
  innerWidth: 3072,
};

const EPSILON = 1e-5;

/**
 * int64 tokens [N, positions] to the last hidden state behind the final norm [N, positions, width], the
 * context of Stable Diffusion v1. LDM checkpoints hold the same names in the scope
 * `cond_stage_model.transformer`.
 */
export function encodeText(p: Parameters, config: TextEncoderConfig, tokens: Tensor): Tensor {
  const { vocabulary, positions, width } = config;
  if (tokens.shape.length !== 2 || tokens.shape[1] !== positions) {
    throw new ShapeError(`encodeText(${show(tokens.shape)}): needs tokens [N,${positions}]`);
  }
  const model = p.scope('text_model');
  const embeddings = model.scope('embeddings');
  const initialise = normal(0.02);
  const words = embeddings
    .scope('token_embedding')
    .tensor('weight', [vocabulary, width], initialise);
  const places = embeddings
    .scope('position_embedding')
    .tensor('weight', [positions, width], initialise);
  let x = add(gatherRows(words, tokens), places);
  const mask = causalMask(positions);
  for (let i = 0; i < config.layers; i++) {
    const layer = model.scope(`encoder.layers.${i}`);
    const normed = layerNorm(layer.scope('layer_norm1'), x, EPSILON);
    x = add(x, selfAttention(layer.scope('self_attn'), normed, config.heads, mask));
    const inner = layerNorm(layer.scope('layer_norm2'), x, EPSILON);
    x = add(x, feedForward(layer.scope('mlp'), inner, config.innerWidth));
  }
  return layerNorm(model.scope('final_layer_norm'), x, EPSILON);
}

/** [L, L]: 0 for a token and what comes before it, -∞ for what comes later. */
function causalMask(length: number): Tensor {
  const mask = Float32Array.from({ length: length * length }, (_, i) =>
    i % length > Math.floor(i / length) ? -Infinity : 0,
  );
  return constant(mask, [length, length]);
}

/** x [N, L, C] asks itself; scores are scaled by (C / heads)^-½. */
function selfAttention(p: Parameters, x: Tensor, heads: number, mask: Tensor): Tensor {
  const [n, length, width] = x.shape as [number, number, number];
  if (width % heads !== 0) {
    throw new ShapeError(
      `encodeText: a width of ${width} channels does not split into ${heads} heads`,
    );
  }
  const project = (name: string): Tensor => {
    const heaped = reshape(linear(p.scope(name), x, width), [n, length, heads, width / heads]);
    return transpose(heaped, [0, 2, 1, 3]);
  };
  const query = mul(project('q_proj'), (width / heads) ** -0.5);
  const scores = add(matmul(query, project('k_proj'), { transposeB: true }), mask);
  const mixed = matmul(softmax(scores), project('v_proj'));
  const joined = reshape(transpose(mixed, [0, 2, 1, 3]), [n, length, width]);
  return linear(p.scope('out_proj'), joined, width);
}

function feedForward(p: Parameters, x: Tensor, innerWidth: number): Tensor {
  const inner = quickGelu(linear(p.scope('fc1'), x, innerWidth));
  return linear(p.scope('fc2'), inner, x.dim(-1));
}
