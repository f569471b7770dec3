import type { NamedTensors } from '../../checkpoints/named-tensors.js';
import type { RoundsConfig } from './rounds-config.js';

/**
 * DiLoCo's outer step in place, for weights p, the workers' mean m and the momentum buffer b of the same names:
 * Δ = p − m; b ← μ b + Δ; p ← p − η (Δ + μ b), PyTorch's SGD with Nesterov momentum on the outer gradient Δ.
 * Computed in double precision as (1 − η) p + η m − η μ b, so that η = 1 and μ = 0 give the mean itself.
 */
export function outerStep(
  weights: NamedTensors,
  buffers: NamedTensors,
  mean: ReadonlyMap<string, Float64Array>,
  {
    outerLearningRate: rate,
    outerMomentum: momentum,
  }: Pick<RoundsConfig, 'outerLearningRate' | 'outerMomentum'>,
): void {
  for (const [name, { data: p }] of weights) {
    const b = buffers.get(name)!.data;
    const m = mean.get(name)!;
    for (let i = 0; i < p.length; i++) {
      const buffer = momentum * b[i]! + (p[i]! - m[i]!);
      b[i] = buffer;
      p[i] = (1 - rate) * p[i]! + rate * m[i]! - rate * momentum * buffer;
    }
  }
}
