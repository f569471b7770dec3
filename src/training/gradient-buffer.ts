import type { NamedTensors } from '../checkpoints/named-tensors.js';
import { WorkError } from '../errors.js';
import { sumOfSquares } from './kernels/index.js';

/**
 * Sums the gradients of an optimiser step's micro-batches. With a single micro-batch nothing is copied:
 * the task's own arrays are handed on.
 */
export class GradientBuffer {
  private readonly sums: ReadonlyMap<string, Float32Array> | undefined;
  private single: ReadonlyMap<string, Float32Array> | undefined;
  private count = 0;

  constructor(
    private readonly parameters: NamedTensors,
    microBatches: number,
  ) {
    if (microBatches > 1) {
      this.sums = new Map(
        [...parameters].map(([name, { data }]) => [name, new Float32Array(data.length)]),
      );
    }
  }

  /** Adds one micro-batch. Throws WorkError when a parameter's gradient is missing or of a wrong length. */
  add(gradients: ReadonlyMap<string, Float32Array>): void {
    for (const [name, { data }] of this.parameters) {
      const length = gradients.get(name)?.length;
      if (length !== data.length) {
        throw new WorkError(
          `the gradient of "${name}" must have ${data.length} values, ` +
            (length === undefined ? 'but there is none' : `got ${length}`),
        );
      }
    }
    this.count += 1;
    if (!this.sums) {
      this.single = gradients;
      return;
    }
    for (const [name, sum] of this.sums) {
      const part = gradients.get(name)!;
      if (this.count === 1) sum.set(part);
      else for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
    }
  }

  /** The sums, and the factor that makes averages of them; the next `add` begins anew. */
  take(): { gradients: ReadonlyMap<string, Float32Array>; averaging: number } {
    const gradients = this.sums ?? this.single ?? new Map<string, Float32Array>();
    const averaging = 1 / Math.max(1, this.count);
    this.single = undefined;
    this.count = 0;
    return { gradients, averaging };
  }
}

/** Root of the sum of squares of all values of all arrays. */
export function globalNorm(arrays: ReadonlyMap<string, Float32Array>): number {
  let squares = 0;
  for (const array of arrays.values()) squares += sumOfSquares(array);
  return Math.sqrt(squares);
}

/** Factor that brings a gradient of the given norm down to `limit` (PyTorch's clip_grad_norm_). */
export function clipFactor(norm: number, limit: number | null): number {
  return limit === null ? 1 : Math.min(1, limit / (norm + 1e-6));
}

/** Name of the first array with a NaN or infinite value; undefined when all are finite. */
export function findNonFinite(arrays: ReadonlyMap<string, Float32Array>): string | undefined {
  for (const [name, array] of arrays) {
    if (!array.every(Number.isFinite)) return name;
  }
  return undefined;
}
