export interface LearningRateConfig {
  readonly learningRate: number;
  /** Optimiser steps of linear rise from 0; 0 for none. */
  readonly warmupSteps: number;
  readonly schedule: 'constant' | 'cosine';
  /** Where the cosine ends. */
  readonly finalLearningRate: number;
  /** Optimiser steps in all. */
  readonly steps: number;
}

/**
 * Learning rate of optimiser step `step` (from 1 to `steps`): linear warm-up that reaches the full rate
 * at step `warmupSteps`, then constant, or half a cosine that reaches `finalLearningRate` at the last
 * step (Loshchilov and Hutter, "SGDR", equation 5, without restarts).
 */
export function learningRateAt(step: number, config: LearningRateConfig): number {
  const { learningRate, warmupSteps, schedule, finalLearningRate, steps } = config;
  if (step < warmupSteps) return (learningRate * step) / warmupSteps;
  switch (schedule) {
    case 'constant':
      return learningRate;
    case 'cosine': {
      const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
      const share = (1 + Math.cos(Math.PI * progress)) / 2;
      return finalLearningRate + (learningRate - finalLearningRate) * share;
    }
  }
}
