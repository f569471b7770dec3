import type { NamedTensors } from '../../checkpoints/named-tensors.js';

/** The mean of tensors of the same names that come one set after another; sums are in double precision. */
export class TensorMean {
  private readonly sums: ReadonlyMap<string, Float64Array>;
  private count = 0;

  constructor(private readonly like: NamedTensors) {
    this.sums = new Map([...like].map(([name, { data }]) => [name, new Float64Array(data.length)]));
  }

  add(tensors: NamedTensors): void {
    this.count += 1;
    for (const [name, sum] of this.sums) {
      const { data } = tensors.get(name)!;
      for (let i = 0; i < sum.length; i++) sum[i]! += data[i]!;
    }
  }

  /** Ends the sums: nothing can be added afterwards. */
  values(): ReadonlyMap<string, Float64Array> {
    for (const sum of this.sums.values()) {
      for (let i = 0; i < sum.length; i++) sum[i]! /= this.count;
    }
    return this.sums;
  }

  /** The mean, rounded to single precision. */
  rounded(): NamedTensors {
    const mean = this.values();
    return new Map(
      [...this.like].map(([name, { shape }]) => [
        name,
        { shape, data: Float32Array.from(mean.get(name)!) },
      ]),
    );
  }
}
