import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { averageSweep } from './kernels/index.js';

export interface WeightAverageConfig {
  /** Share of the average that each step keeps, in [0, 1). */
  readonly decay: number;
  /** Begins with smaller decays, so that the first weights are forgotten soon. */
  readonly warmup: boolean;
}

/** Decay of optimiser step `step` (from 1): min(decay, (1 + step) / (10 + step)) while warming up. */
export function averageDecay({ decay, warmup }: WeightAverageConfig, step: number): number {
  return warmup ? Math.min(decay, (1 + step) / (10 + step)) : decay;
}

/** Exponential moving average of weights: a ← d a + (1 - d) p after each step. */
export class WeightAverage {
  /** Same names and shapes as the parameters. */
  readonly values: NamedTensors;

  constructor(
    private readonly parameters: NamedTensors,
    private readonly config: WeightAverageConfig,
  ) {
    this.values = new Map(
      [...parameters].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
    );
  }

  /** Takes in the weights after optimiser step number `step` (from 1). */
  update(step: number): void {
    const rest = 1 - averageDecay(this.config, step);
    for (const [name, { data }] of this.values) {
      averageSweep(data, this.parameters.get(name)!.data, rest);
    }
  }
}
