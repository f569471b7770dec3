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
import type { EvaluationRecord, FeaturePair } from './evaluation-record.js';

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
  /** In the eyes of classifiers that the inverter does not know. */
  readonly transferCosine: readonly TransferSummary[];
  /** Only where the pictures were altered. */
  readonly alteration?: AlterationSummary;
}

/** A judge's cosines, means over images. */
export interface TransferSummary {
  readonly backbone: string;
  readonly layer: string;
  readonly cosine: number;
  readonly floor: number;
  readonly ceiling: number;
  readonly gapClosed: number;
  readonly intervals: { readonly cosine: Interval; readonly gapClosed: Interval };
}

/** What altering the pictures did; means and shares over images. */
export interface AlterationSummary {
  /** Share of pictures whose first class the alteration changed. */
  readonly flipped: number;
  /** Cosine of the maps before and after. */
  readonly mapCosine: number;
  /** Cosine of the map before with the reconstruction's. */
  readonly cosineWithClean: number;
  /** Share of reconstructions among whose first five is the class before. */
  readonly top5MatchClean: number;
}

export interface SummaryOptions {
  /** Decides the bootstrap's resamples only. */
  readonly seed: number;
  /** Who gave the transfer cosines, in their order. */
  readonly judges?: readonly { readonly backbone: string; readonly layer: string }[];
}

/** Records without their large parts. */
type LightRecord = Omit<EvaluationRecord, 'pooled' | 'inception'>;

/**
 * Summarises records in their order. They are gone through several times, and their features are not
 * kept in between.
 */
export function summariseEvaluation(
  records: Iterable<EvaluationRecord>,
  { seed, judges = [] }: SummaryOptions,
): EvaluationSummary {
  const light = Array.from(records, ({ pooled, inception, ...rest }): LightRecord => rest);
  if (light.length === 0) throw new InputError('evaluation: no images were measured');
  const column = (value: (record: LightRecord) => number): Float64Array =>
    Float64Array.from(light, value);
  const cosine = column(({ cosines }) => mean(cosines));
  const floor = column((record) => record.floor);
  const ceiling = column((record) => record.ceiling);
  const top1 = column(({ top1Match }) => Number(top1Match));
  const top5 = column(({ top5Match }) => Number(top5Match));
  const root = new Random(seed);
  const intervalOfMean = (values: Float64Array, label: string): Interval =>
    bootstrapInterval(values.length, (ids) => meanAt(values, ids), { random: root.fork(label) });
  const gap = gapClosed({ cosine, floor, ceiling }, { random: root.fork('gap closed') });
  const alteration = summariseAlterations(light);
  return {
    images: light.length,
    cosine: summariseCosines(light.map(({ cosines }) => cosines)),
    top1Match: mean(top1),
    top5Match: mean(top5),
    fid: frechet(records, light.length, ({ inception }) => inception),
    frechet: frechet(records, light.length, ({ pooled }) => pooled),
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
    transferCosine: judges.map(({ backbone, layer }, i) => {
      const part = (key: 'cosine' | 'floor' | 'ceiling'): Float64Array =>
        column(({ transfer }) => transfer[i]![key]);
      const cosines = { cosine: part('cosine'), floor: part('floor'), ceiling: part('ceiling') };
      const label = `${backbone} ${layer}`;
      const closed = gapClosed(cosines, { random: root.fork(`gap closed, ${label}`) });
      return {
        backbone,
        layer,
        cosine: mean(cosines.cosine),
        floor: mean(cosines.floor),
        ceiling: mean(cosines.ceiling),
        gapClosed: closed.value,
        intervals: {
          cosine: intervalOfMean(cosines.cosine, `cosine, ${label}`),
          gapClosed: { low: closed.low, high: closed.high },
        },
      };
    }),
    ...(alteration && { alteration }),
  };
}

function meanAt(values: Float64Array, indices: Int32Array): number {
  let sum = 0;
  for (const index of indices) sum += values[index]!;
  return sum / indices.length;
}

function summariseAlterations(records: readonly LightRecord[]): AlterationSummary | undefined {
  const altered = records.flatMap(({ alteration, top1 }) =>
    alteration ? [{ ...alteration, flipped: alteration.cleanTop1 !== top1.original }] : [],
  );
  if (altered.length === 0) return undefined;
  return {
    flipped: mean(altered.map(({ flipped }) => Number(flipped))),
    mapCosine: mean(altered.map(({ mapCosine }) => mapCosine)),
    cosineWithClean: mean(altered.map(({ cosineWithClean }) => cosineWithClean)),
    top5MatchClean: mean(altered.map(({ top5MatchClean }) => Number(top5MatchClean))),
  };
}

/** Null for a single image, and where records lack the features. */
function frechet(
  records: Iterable<EvaluationRecord>,
  count: number,
  features: (record: EvaluationRecord) => FeaturePair | undefined,
): number | null {
  if (count < 2) return null;
  const side = (which: keyof FeaturePair): Float32Array[] =>
    Array.from(records, (record) => features(record)?.[which]).filter((row) => row !== undefined);
  const originals = side('original');
  if (originals.length < count) return null;
  return frechetDistance(
    gaussianFromSamples(originals),
    gaussianFromSamples(side('reconstruction')),
  );
}
