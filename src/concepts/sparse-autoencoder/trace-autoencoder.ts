import {
  add,
  matmul,
  mean,
  mul,
  relu,
  sub,
  sum,
  topKMask,
  where,
  type Tensor,
} from '../../graph/index.js';
import { zeros, type Parameters } from '../../nn/index.js';

export interface TracedAutoencoder {
  /** [N, A], at most `active` of a row above 0. */
  readonly codes: Tensor;
  /** [N, C] */
  readonly reconstruction: Tensor;
}

/**
 * Top-k sparse autoencoder (Gao et al., "Scaling and evaluating sparse autoencoders", 2024, equations 1
 * to 3; Makhzani and Frey, "k-sparse autoencoders", 2013) of vectors x [N, C]:
 * codes = the k largest of relu(E (x − o) + b), reconstruction = D' codes + o. The gradient passes
 * through the codes that are chosen and not through the choice.
 */
export function traceAutoencoder(
  x: Tensor,
  p: Parameters,
  { atoms, active }: { readonly atoms: number; readonly active: number },
): TracedAutoencoder {
  const channels = x.dim(1);
  const offset = p.tensor('offset', [channels], zeros);
  const encoder = p.tensor('encoder', [atoms, channels], zeros);
  const bias = p.tensor('bias', [atoms], zeros);
  const decoder = p.tensor('decoder', [atoms, channels], zeros);
  const values = relu(add(matmul(sub(x, offset), encoder, { transposeB: true }), bias));
  const codes = where(topKMask(values, active), values, 0);
  return { codes, reconstruction: add(matmul(codes, decoder), offset) };
}

/** Mean over the rows of the squared distance. */
export function reconstructionLoss(x: Tensor, reconstruction: Tensor): Tensor {
  const error = sub(x, reconstruction);
  return mean(sum(mul(error, error), [1]));
}
