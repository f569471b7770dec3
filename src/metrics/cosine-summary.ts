import { InputError } from '../errors.js';
import { mean, median, quantile } from './quantile.js';

export interface CosineSummary {
  /** Mean over positions per image, then over images. */
  readonly mean: number;
  /** Median over positions per image, then the mean over images. */
  readonly median: number;
  /** 5 % quantile of all positions of all images. */
  readonly q05: number;
  /** Smallest of all positions of all images. */
  readonly min: number;
}

/** Summary of the per-position cosines of one or more images. */
export function summariseCosines(maps: readonly (Float32Array | Float64Array)[]): CosineSummary {
  const positions = maps.reduce((sum, map) => sum + map.length, 0);
  if (maps.some((map) => map.length === 0) || positions === 0) {
    throw new InputError('cosine: no positions to summarise');
  }
  const all = new Float64Array(positions);
  let offset = 0;
  for (const map of maps) {
    all.set(map, offset);
    offset += map.length;
  }
  return {
    mean: mean(maps.map(mean)),
    median: mean(maps.map(median)),
    q05: quantile(all, 0.05),
    min: quantile(all, 0),
  };
}
