/** What a cell of an experiment is told apart by, and what is measured in it. */
import type { EvaluationSummary } from '../evaluation/index.js';
import type { Interval } from '../metrics/index.js';

/** Axes of the grid. */
export const AXES = [
  'model',
  'backbone',
  'layer',
  'pooled',
  'images',
  'alteration',
  'severity',
  'epsilon',
  'sampler',
  'steps',
  'eta',
  'guidance',
  'guidanceMode',
  'seed',
  'judge',
] as const;

export type Axis = (typeof AXES)[number];

/** Value of every axis that a cell has: a clean cell has no severity. */
export type Coordinates = Readonly<Partial<Record<Axis, string | number | boolean>>>;

/** A number, or null where it was not measured; with a 95 % interval where there is one. */
export interface Measured {
  readonly value: number | null;
  readonly interval?: Interval;
}

type Reader = (summary: EvaluationSummary) => Measured;

const plain =
  (read: (summary: EvaluationSummary) => number | null | undefined): Reader =>
  (summary) => ({ value: read(summary) ?? null });

const READERS = {
  cosine: ({ cosine, intervals }) => ({ value: cosine.mean, interval: intervals.cosine }),
  cosineMedian: plain(({ cosine }) => cosine.median),
  cosineQ05: plain(({ cosine }) => cosine.q05),
  cosineMin: plain(({ cosine }) => cosine.min),
  floor: plain(({ floor }) => floor.cosine),
  ceiling: plain(({ ceiling }) => ceiling.cosine),
  gapClosed: ({ gapClosed, intervals }) => ({ value: gapClosed, interval: intervals.gapClosed }),
  top1Match: ({ top1Match, intervals }) => ({ value: top1Match, interval: intervals.top1Match }),
  top5Match: ({ top5Match, intervals }) => ({ value: top5Match, interval: intervals.top5Match }),
  frechet: plain(({ frechet }) => frechet),
  fid: plain(({ fid }) => fid),
  ssim: plain(({ ssim }) => ssim),
  mse: plain(({ mse }) => mse),
  transferCosine: ({ transferCosine: [judge] }) =>
    judge ? { value: judge.cosine, interval: judge.intervals.cosine } : { value: null },
  transferGapClosed: ({ transferCosine: [judge] }) =>
    judge ? { value: judge.gapClosed, interval: judge.intervals.gapClosed } : { value: null },
  flipped: plain(({ alteration }) => alteration?.flipped),
  mapCosine: plain(({ alteration }) => alteration?.mapCosine),
  cosineWithClean: plain(({ alteration }) => alteration?.cosineWithClean),
  top5MatchClean: plain(({ alteration }) => alteration?.top5MatchClean),
} as const satisfies Record<string, Reader>;

export type Measure = keyof typeof READERS;

export const MEASURES = Object.keys(READERS) as [Measure, ...Measure[]];

/** What people read in place of a measure's name. */
export const MEASURE_LABELS: Readonly<Record<Measure, string>> = {
  cosine: 'feature cosine',
  cosineMedian: 'cosine, median over positions',
  cosineQ05: 'cosine, 5 % quantile',
  cosineMin: 'cosine, least',
  floor: 'floor (another photograph)',
  ceiling: 'ceiling (autoencoder)',
  gapClosed: 'gap closed',
  top1Match: 'top-1 match',
  top5Match: 'top-5 match',
  frechet: 'Fréchet distance (own features)',
  fid: 'FID',
  ssim: 'SSIM',
  mse: 'squared error',
  transferCosine: 'transfer cosine',
  transferGapClosed: 'transfer gap closed',
  flipped: 'pictures whose first class changed',
  mapCosine: 'cosine of the maps before and after',
  cosineWithClean: 'cosine of the reconstruction with the map before',
  top5MatchClean: 'class before among the reconstruction’s five',
};

/** One measure of a cell's summary. */
export const measureOf = (summary: EvaluationSummary, measure: Measure): Measured =>
  READERS[measure](summary);
