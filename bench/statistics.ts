/** Milliseconds of repeated runs. */
export interface Timing {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export function summariseTimes(milliseconds: readonly number[]): Timing {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)!, runs: sorted.length };
}

/** Runs once to warm up, then until `runs` times or `seconds` are reached, but at least twice. */
export async function measure(
  work: () => Promise<unknown>,
  { runs, seconds }: { runs: number; seconds: number },
): Promise<Timing> {
  await work();
  const times: number[] = [];
  const started = performance.now();
  while (
    times.length < 2 ||
    (times.length < runs && performance.now() - started < seconds * 1000)
  ) {
    const before = performance.now();
    await work();
    times.push(performance.now() - before);
  }
  return summariseTimes(times);
}
