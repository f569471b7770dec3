/** Something that can be done again and again, and timed. */
export interface Workload {
  /** Does it `times` times and returns the milliseconds of each. */
  run(times: number): Promise<number[]>;
  /** Floating-point operations of one time. */
  readonly flops?: number | undefined;
  /** Where the work is done by a process of its own. */
  peakRssMB?(): number | undefined;
  dispose(): Promise<void>;
}

/** Times each call of `work`. */
export function timed(work: () => Promise<unknown>): Workload['run'] {
  return async (times) => {
    const milliseconds: number[] = [];
    for (let i = 0; i < times; i++) {
      const started = performance.now();
      await work();
      milliseconds.push(performance.now() - started);
    }
    return milliseconds;
  };
}
