/** Feature vectors as the rows of a matrix, and the way from maps to rows and back. */
import type { FeatureMap } from '../inversion/inverter.js';

/** Rows of float32 values, row-major: feature vectors, codes or dictionary atoms. */
export interface Vectors {
  readonly count: number;
  readonly width: number;
  readonly data: Float32Array;
}

export function vectors(count: number, width: number): Vectors {
  return { count, width, data: new Float32Array(count * width) };
}

/** One row, as a view. */
export function rowOf(v: Vectors, index: number): Float32Array {
  return v.data.subarray(index * v.width, (index + 1) * v.width);
}

/** Copies of the rows with the given numbers. */
export function selectRows(v: Vectors, indices: ArrayLike<number>): Vectors {
  const selected = vectors(indices.length, v.width);
  for (let i = 0; i < indices.length; i++) rowOf(selected, i).set(rowOf(v, indices[i]!));
  return selected;
}

/** Feature vectors [H·W, C] of a map [C, H, W], position by position, row by row of the picture. */
export function vectorsOfMap({ shape: [channels, height, width], data }: FeatureMap): Vectors {
  const positions = height * width;
  const out = vectors(positions, channels);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < positions; i++) out.data[i * channels + c] = data[c * positions + i]!;
  }
  return out;
}

/** The inverse of `vectorsOfMap`. */
export function mapOfVectors(v: Vectors, shape: FeatureMap['shape']): FeatureMap {
  const positions = shape[1] * shape[2];
  const data = new Float32Array(v.data.length);
  for (let c = 0; c < shape[0]; c++) {
    for (let i = 0; i < positions; i++) data[c * positions + i] = v.data[i * v.width + c]!;
  }
  return { shape, data };
}

/** first · second' for rows of equal width: [first.count, second.count], summed in float64. */
export function timesTransposed(first: Vectors, second: Vectors): Vectors {
  const out = vectors(first.count, second.count);
  for (let i = 0; i < first.count; i++) {
    const a = rowOf(first, i);
    for (let j = 0; j < second.count; j++)
      out.data[i * second.count + j] = dot(a, rowOf(second, j));
  }
  return out;
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
