import { InputError } from '../errors.js';
import type { Random } from '../random.js';
import { quantile } from './quantile.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly random: Random;
  /** Number of resamples. */
  readonly resamples?: number;
  /** Share of resampled statistics inside the interval, between 0 and 1. */
  readonly confidence?: number;
}

/**
 * Percentile bootstrap interval of a statistic of `count` units (Efron, 1979).
 *
 * @param statistic takes the indices of a resample, each from 0 to count - 1, with repetitions
 * @example
 * bootstrapInterval(x.length, (ids) => mean(Array.from(ids, (i) => x[i]!)), { random });
 */
export function bootstrapInterval(
  count: number,
  statistic: (indices: Int32Array) => number,
  { random, resamples = 2000, confidence = 0.95 }: BootstrapOptions,
): Interval {
  if (count < 1) throw new InputError('bootstrap: no units to resample; give at least one');
  if (!(confidence > 0 && confidence < 1)) {
    throw new InputError(`bootstrap: confidence ${confidence} is not between 0 and 1`);
  }
  const indices = new Int32Array(count);
  const statistics = Float64Array.from({ length: resamples }, () => {
    for (let i = 0; i < count; i++) indices[i] = random.int(count);
    return statistic(indices);
  });
  const tail = (1 - confidence) / 2;
  return { low: quantile(statistics, tail), high: quantile(statistics, 1 - tail) };
}
