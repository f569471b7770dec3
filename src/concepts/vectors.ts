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

/** Rows and columns exchanged. */
export function transposed(v: Vectors): Vectors {
  const out = vectors(v.width, v.count);
  for (let i = 0; i < v.count; i++) {
    for (let j = 0; j < v.width; j++) out.data[j * v.count + i] = v.data[i * v.width + j]!;
  }
  return out;
}

/** weights [N, A] · rows [A, C], of the rows from `start` to before `end`: [N, C]. */
export function weightedSums(
  weights: Vectors,
  rows: Vectors,
  start = 0,
  end = rows.count,
): Vectors {
  const out = vectors(weights.count, rows.width);
  for (let i = 0; i < weights.count; i++) {
    const weight = rowOf(weights, i);
    const sum = rowOf(out, i);
    for (let a = start; a < end; a++) {
      const share = weight[a]!;
      // Most codes are sparse.
      if (share === 0) continue;
      const row = rowOf(rows, a);
      for (let c = 0; c < sum.length; c++) sum[c]! += share * row[c]!;
    }
  }
  return out;
}

/** Mean of the rows, [C]. */
export function meanRow(v: Vectors): Float32Array {
  const sums = new Float64Array(v.width);
  v.data.forEach((value, i) => (sums[i % v.width]! += value));
  return Float32Array.from(sums, (sum) => sum / v.count);
}

/** The rows minus a vector of their width. */
export function subtractRow(v: Vectors, row: ArrayLike<number>): Vectors {
  return { ...v, data: v.data.map((value, i) => value - row[i % v.width]!) };
}

/** Sum of the squares of all values. */
export const squaredNorm = (v: Vectors): number => dot(v.data, v.data);
