import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { adamwSweep } from './kernels/index.js';

export interface AdamWConfig {
  /** Decay rates of the first and second moment, each in [0, 1). */
  readonly betas: readonly [number, number];
  /** Added to the root of the second moment. */
  readonly epsilon: number;
  /** Share of a weight, times the learning rate, that each step takes off. */
  readonly weightDecay: number;
  /** Whether biases and norms (fewer than two axes) decay as well, as they do in PyTorch. */
  readonly decayVectors: boolean;
}

/** First and second moment of one parameter's gradient. */
export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/**
 * AdamW in place (Loshchilov and Hutter, "Decoupled weight decay regularization", algorithm 2, in the
 * form of PyTorch): p ← p - η λ p; m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²;
 * p ← p - η (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε).
 */
export class AdamW {
  /** By parameter name, of its length. */
  readonly moments: ReadonlyMap<string, Moments>;

  constructor(
    private readonly parameters: NamedTensors,
    private readonly config: AdamWConfig,
  ) {
    this.moments = new Map(
      [...parameters].map(([name, { data }]) => [
        name,
        { first: new Float32Array(data.length), second: new Float32Array(data.length) },
      ]),
    );
  }

  /**
   * Applies optimiser step number `step` (from 1) to every parameter. Gradients are multiplied by
   * `gradientScale` as they are read (clipping and averaging cost no pass of their own).
   */
  update(
    gradients: ReadonlyMap<string, Float32Array>,
    step: number,
    learningRate: number,
    gradientScale = 1,
  ): void {
    const { betas, epsilon, weightDecay, decayVectors } = this.config;
    const rootCorrection = Math.sqrt(1 - betas[1] ** step);
    for (const [name, { shape, data }] of this.parameters) {
      const { first, second } = this.moments.get(name)!;
      const decays = decayVectors || shape.length >= 2;
      adamwSweep(data, gradients.get(name)!, first, second, {
        beta1: betas[0],
        beta2: betas[1],
        decay: decays ? learningRate * weightDecay : 0,
        stepSize: learningRate / (1 - betas[0] ** step),
        rootScale: 1 / rootCorrection,
        epsilon,
        gradientScale,
      });
    }
  }
}
