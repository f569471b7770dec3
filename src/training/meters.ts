export type MeterSums = Record<string, { sum: number; count: number }>;

/** Running means of named numbers; plain sums inside, so that they can be saved and continued. */
export class Meters {
  constructor(private sums: MeterSums = {}) {}

  add(name: string, value: number): void {
    const meter = (this.sums[name] ??= { sum: 0, count: 0 });
    meter.sum += value;
    meter.count += 1;
  }

  /** The means so far, by name in the order of their first use. */
  means(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.sums).map(([name, { sum, count }]) => [name, sum / count]),
    );
  }

  clear(): void {
    this.sums = {};
  }

  /** A copy to save. */
  state(): MeterSums {
    return structuredClone(this.sums);
  }
}
