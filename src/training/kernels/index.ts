/**
 * Sweeps over long arrays in WebAssembly. V8 computes float32 in double precision, one number at a time: a third as
 * fast for AdamW.
 */
import { KERNELS } from './binary.js';

/** What AdamW takes for one parameter; see `AdamW`. */
export interface AdamWCoefficients {
  readonly beta1: number;
  readonly beta2: number;
  /** Share of a weight that weight decay takes off. */
  readonly decay: number;
  /** Learning rate over the first moment's bias correction. */
  readonly stepSize: number;
  /** Turns √v into the root of the corrected second moment. */
  readonly rootScale: number;
  readonly epsilon: number;
  readonly gradientScale: number;
}

/** What of the standard is used here; Node's types leave it to those of browsers. */
declare const WebAssembly: {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  adamw(bytes: number, ...coefficients: number[]): void;
  average(bytes: number, rest: number): void;
  squares(bytes: number): number;
}

const PAGE_BYTES = 2 ** 16;
const PAGE = PAGE_BYTES / Float32Array.BYTES_PER_ELEMENT;

const module = new WebAssembly.Module(Buffer.from(KERNELS, 'base64'));
const kernels = new WebAssembly.Instance(module).exports as Exports;
const pages = Array.from(
  { length: kernels.memory.buffer.byteLength / PAGE_BYTES },
  (_, i) => new Float32Array(kernels.memory.buffer, i * PAGE_BYTES, PAGE),
);

/** Changes weights and moments of one parameter in place, in single precision as PyTorch does. */
export function adamwSweep(
  weights: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  coefficients: AdamWCoefficients,
): void {
  const { beta1, beta2, decay, stepSize, rootScale, epsilon, gradientScale } = coefficients;
  sweep([weights, gradient, first, second], [weights, undefined, first, second], (bytes) =>
    kernels.adamw(
      bytes,
      ...[beta1, 1 - beta1, beta2, 1 - beta2, decay, stepSize, rootScale, epsilon, gradientScale],
    ),
  );
}

/** `average` ← average + rest · (weights - average), in place. */
export function averageSweep(average: Float32Array, weights: Float32Array, rest: number): void {
  sweep([average, weights], [average], (bytes) => kernels.average(bytes, rest));
}

/** In double precision. */
export function sumOfSquares(array: Float32Array): number {
  let sum = 0;
  sweep([array], [], (bytes) => (sum += kernels.squares(bytes)));
  return sum;
}

/** Brings arrays of one length through the pages, in pieces, and what has changed back. */
function sweep(
  read: readonly Float32Array[],
  written: readonly (Float32Array | undefined)[],
  kernel: (bytes: number) => void,
): void {
  const { length } = read[0]!;
  for (let start = 0; start < length; start += PAGE) {
    const end = Math.min(start + PAGE, length);
    const count = end - start;
    read.forEach((array, i) => {
      pages[i]!.set(array.subarray(start, end));
      // The kernels take four at a time.
      pages[i]!.fill(0, count, count + (-count & 3));
    });
    kernel(count * Float32Array.BYTES_PER_ELEMENT);
    written.forEach((array, i) => array?.set(pages[i]!.subarray(0, count), start));
  }
}
