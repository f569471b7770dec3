import { InputError } from '../../errors.js';
import { classVector, type PooledHead } from './relevance.js';
import { inner } from './span.js';

/** A layer normalisation over channels between the average and the last layer, as in ConvNeXt. */
export interface LayerNorm {
  /** γ [channels]. */
  readonly weight: ArrayLike<number>;
  /** β [channels]. */
  readonly bias: ArrayLike<number>;
  /** Added to the variance. */
  readonly epsilon: number;
}

/**
 * A pool→LayerNorm→linear head as a pool→linear one at one input: with x the average of a map,
 *
 *   W (γ (x − mean x) / σ + β) + b,
 *
 * σ is frozen at its value for `pooled`; taking off the mean is linear and stays exact, so that parts with
 * the same value in all channels count nothing. The logits at `pooled` are those of the true head, and
 * relevances sum to the logit minus the new head's bias. For other inputs the new head is wrong about σ:
 * relevances do not say what a change of a part would do to σ.
 */
export function frozenNormHead(
  head: PooledHead,
  { weight: gamma, bias: beta, epsilon }: LayerNorm,
  pooled: ArrayLike<number>,
): PooledHead {
  const { channels, bias } = head;
  for (const [name, values] of Object.entries({ pooled, gamma, beta })) {
    if (values.length === channels) continue;
    throw new InputError(`the head has ${channels} channels, ${name} has ${values.length} values`);
  }
  const mean = average(pooled);
  const variance = average(Array.from(pooled, (value) => (value - mean) ** 2));
  const deviation = Math.sqrt(variance + epsilon);
  const weight = new Float64Array(head.weight.length);
  const newBias = new Float64Array(bias.length);
  for (let j = 0; j < bias.length; j++) {
    const row = classVector(head, j);
    const scaled = Array.from(row, (value, c) => (value * gamma[c]!) / deviation);
    const shift = average(scaled);
    weight.set(
      scaled.map((value) => value - shift),
      j * channels,
    );
    newBias[j] = bias[j]! + inner(row, beta);
  }
  return { channels, weight, bias: newBias };
}

function average(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
