/** AdamW as a graph: what `AdamW` does in host memory, where the weights are. */
import { add, div, input, minimum, mul, sqrt, sub, sum, type Tensor } from '../graph/index.js';
import type { AdamWConfig } from './adamw.js';
import { averageDecay, type WeightAverageConfig } from './weight-average.js';

export interface UpdateConfig extends AdamWConfig {
  readonly clipNorm: number | null;
  readonly ema: WeightAverageConfig | null;
}

/** All that training keeps of one parameter. */
export interface ParameterState {
  readonly weight: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
  /** Undefined when no average is kept. */
  readonly average: Tensor | undefined;
}

/** What changes from step to step, as scalar inputs of the graph. */
const COEFFICIENTS = [
  'learningRate',
  'stepSize',
  'rootScale',
  'averageRest',
  'gradientScale',
] as const;

/** Values of the graph's coefficients for optimiser step `step` (from 1) of `microBatches` summed gradients. */
export function updateCoefficients(
  { betas, ema }: UpdateConfig,
  /** Optimiser steps, and those since the moments began. */
  { step, moments }: { readonly step: number; readonly moments: number },
  learningRate: number,
  microBatches: number,
): Record<string, Float32Array> {
  const values: Record<(typeof COEFFICIENTS)[number], number> = {
    learningRate,
    // The bias corrections of the moments.
    stepSize: learningRate / (1 - betas[0] ** moments),
    rootScale: 1 / Math.sqrt(1 - betas[1] ** moments),
    averageRest: ema === null ? 0 : 1 - averageDecay(ema, step),
    gradientScale: 1 / microBatches,
  };
  return Object.fromEntries(
    COEFFICIENTS.map((name) => [coefficientName(name), Float32Array.of(values[name])]),
  );
}

/**
 * One optimiser step of all parameters: clipping to the global norm, AdamW, moving average. Gradients are
 * sums over micro-batches; `norm` is that of their average before clipping.
 */
export function adamwGraph(
  states: ReadonlyMap<string, ParameterState>,
  gradients: ReadonlyMap<string, Tensor>,
  config: UpdateConfig,
  /** What changes from step to step, by name; scalars. Default: inputs of the graph. */
  coefficient: (name: string) => Tensor = (name) => input(name, []),
): { next: ReadonlyMap<string, ParameterState>; norm: Tensor } {
  const [learningRate, stepSize, rootScale, averageRest, gradientScale] = COEFFICIENTS.map((name) =>
    coefficient(coefficientName(name)),
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  const squares = [...gradients.values()].map((g) => sum(mul(g, g)));
  const norm = mul(sqrt(squares.reduce((a, b) => add(a, b))), gradientScale);
  const { clipNorm, betas, epsilon, weightDecay, decayVectors } = config;
  const clip = clipNorm === null ? 1 : minimum(div(clipNorm, add(norm, 1e-6)), 1);
  const scale = mul(gradientScale, clip);
  const keep = sub(1, mul(learningRate, weightDecay));
  const next = new Map<string, ParameterState>();
  for (const [name, { weight, first, second, average }] of states) {
    const g = mul(gradients.get(name)!, scale);
    const m = add(mul(first, betas[0]), mul(g, 1 - betas[0]));
    const v = add(mul(second, betas[1]), mul(mul(g, g), 1 - betas[1]));
    const decays = decayVectors || weight.rank >= 2;
    const direction = div(mul(m, stepSize), add(mul(sqrt(v), rootScale), epsilon));
    const w = sub(decays ? mul(weight, keep) : weight, direction);
    next.set(name, {
      weight: w,
      first: m,
      second: v,
      average: average && add(average, mul(sub(w, average), averageRest)),
    });
  }
  return { next, norm };
}

const coefficientName = (name: string): string => `adamw:${name}`;
