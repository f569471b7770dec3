import { InputError } from '../errors.js';
import type { CosineSummary, Interval } from '../metrics/index.js';
import {
  bootstrapInterval,
  frechetDistance,
  gapClosed,
  gaussianFromSamples,
  mean,
  summariseCosines,
} from '../metrics/index.js';
import { Random } from '../random.js';
import type { EvaluationRecord } from './evaluation-record.js';

/** Summary over images. Intervals are 95 % bootstrap intervals over images. */
export interface EvaluationSummary {
  readonly images: number;
  readonly cosine: CosineSummary;
  /** Share of images whose first class stayed, from 0 to 1. */
  readonly top1Match: number;
  /** Share of images whose first class is among the reconstruction's first five. */
  readonly top5Match: number;
  /** Fréchet distance with Inception features; null without those weights. */
  readonly fid: number | null;
  /** Fréchet distance of the backbone's own pooled features; null for a single image. */
  readonly frechet: number | null;
  readonly floor: { readonly cosine: number };
  readonly ceiling: { readonly cosine: number };
  /** (cosine - floor) / (ceiling - floor) on the means. */
  readonly gapClosed: number;
  readonly ssim: number;
  readonly mse: number;
  readonly intervals: {
    readonly cosine: Interval;
    readonly gapClosed: Interval;
    readonly top1Match: Interval;
    readonly top5Match: Interval;
  };
}

/** Summarises records of any order; the seed decides the bootstrap's resamples only. */
export function summariseEvaluation(
  records: readonly EvaluationRecord[],
  seed: number,
): EvaluationSummary {
  if (records.length === 0) throw new InputError('evaluation: no images were measured');
  const sorted = [...records].sort((a, b) => a.index - b.index);
  const column = (value: (record: EvaluationRecord) => number): Float64Array =>
    Float64Array.from(sorted, value);
  const cosine = column(({ cosines }) => mean(cosines));
  const floor = column((record) => record.floor);
  const ceiling = column((record) => record.ceiling);
  const top1 = column(({ top1Match }) => Number(top1Match));
  const top5 = column(({ top5Match }) => Number(top5Match));
  const root = new Random(seed);
  const intervalOfMean = (values: Float64Array, label: string): Interval =>
    bootstrapInterval(values.length, (ids) => meanAt(values, ids), { random: root.fork(label) });
  const gap = gapClosed({ cosine, floor, ceiling }, { random: root.fork('gap closed') });
  return {
    images: sorted.length,
    cosine: summariseCosines(sorted.map(({ cosines }) => cosines)),
    top1Match: mean(top1),
    top5Match: mean(top5),
    fid: null,
    frechet: sorted.length < 2 ? null : frechet(sorted),
    floor: { cosine: mean(floor) },
    ceiling: { cosine: mean(ceiling) },
    gapClosed: gap.value,
    ssim: mean(column((record) => record.ssim)),
    mse: mean(column((record) => record.mse)),
    intervals: {
      cosine: intervalOfMean(cosine, 'cosine'),
      gapClosed: { low: gap.low, high: gap.high },
      top1Match: intervalOfMean(top1, 'top-1'),
      top5Match: intervalOfMean(top5, 'top-5'),
    },
  };
}

function meanAt(values: Float64Array, indices: Int32Array): number {
  let sum = 0;
  for (const index of indices) sum += values[index]!;
  return sum / indices.length;
}

function frechet(records: readonly EvaluationRecord[]): number {
  return frechetDistance(
    gaussianFromSamples(records.map(({ pooled }) => pooled.original)),
    gaussianFromSamples(records.map(({ pooled }) => pooled.reconstruction)),
  );
}
