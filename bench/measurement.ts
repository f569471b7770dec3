/** One line of the benchmark's table. */
import type { Timing } from './statistics.js';

export interface Measurement {
  readonly name: string;
  /** Of one run. */
  readonly milliseconds: Timing;
  readonly gflop?: number;
  /** At the median. */
  readonly gflopPerSecond?: number;
  readonly images?: number;
  readonly imagesPerSecond?: number;
  /** Resident memory of the process afterwards. */
  readonly rssMB: number;
}

export interface BenchOptions {
  readonly quick: boolean;
  readonly threads: number | undefined;
}

/** How long each measurement may take. */
export const budget = ({ quick }: BenchOptions): { runs: number; seconds: number } =>
  quick ? { runs: 5, seconds: 1 } : { runs: 30, seconds: 10 };

export function describe(
  name: string,
  milliseconds: Timing,
  work: { flops?: number; images?: number } = {},
): Measurement {
  const perSecond = (amount: number): number => (amount * 1000) / milliseconds.median;
  return {
    name,
    milliseconds,
    ...(work.flops === undefined
      ? {}
      : { gflop: work.flops / 1e9, gflopPerSecond: perSecond(work.flops) / 1e9 }),
    ...(work.images === undefined
      ? {}
      : { images: work.images, imagesPerSecond: perSecond(work.images) }),
    rssMB: Math.round(process.memoryUsage().rss / 1e6),
  };
}
