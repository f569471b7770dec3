import { add, div, mul, sqrt, sum, type Tensor } from '../../graph/index.js';

/** Cosine over the channels of each position, differentiable: [N, C, H, W] twice to [N, 1, H, W]. */
export function mapCosine(a: Tensor, b: Tensor): Tensor {
  const dot = (x: Tensor, y: Tensor): Tensor => sum(mul(x, y), [1], true);
  // The constant keeps the gradient finite at positions without any activation.
  const norms = mul(sqrt(add(dot(a, a), 1e-4)), sqrt(add(dot(b, b), 1e-4)));
  return div(dot(a, b), norms);
}
