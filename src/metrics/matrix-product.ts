import { InputError } from '../errors.js';

/** A dense float64 matrix, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

const depthBlock = 256;

/**
 * first x second' (both [rows, k]), in 4x4 tiles so that each loaded number is used four times, and
 * in blocks of depth so that what is reused stays in the cache. Rows' leading zeros, as triangular
 * matrices have, cost nothing, and a matrix with itself costs half.
 */
export function multiplyTransposed(first: Matrix, second: Matrix): Matrix {
  if (first.columns !== second.columns) {
    throw new InputError(
      `matrix product: rows of ${first.columns} and ${second.columns} values; they must match`,
    );
  }
  const [m, n] = [first.rows, second.rows];
  const symmetric = first === second;
  const data = new Float64Array(m * n);
  const firstStarts = tileStarts(first);
  const secondStarts = tileStarts(second);
  for (let from = 0; from < first.columns; from += depthBlock) {
    const to = Math.min(from + depthBlock, first.columns);
    for (let i = 0; i + 4 <= m; i += 4) {
      const width = symmetric ? i + 4 : n;
      for (let j = 0; j + 4 <= width; j += 4) {
        const start = Math.max(from, firstStarts[i >> 2]!, secondStarts[j >> 2]!);
        if (start < to) addTile(first, second, data, i, j, start, to);
      }
    }
    addEdges(first, second, data, from, to);
  }
  if (symmetric) mirrorLowerTriangle(data, n);
  return { rows: m, columns: n, data };
}

/** For each group of four rows, how many leading columns are zero in all of them. */
function tileStarts({ rows, columns, data }: Matrix): Int32Array {
  const starts = new Int32Array(rows >> 2);
  for (let tile = 0; tile < starts.length; tile++) {
    let start = columns;
    for (let row = 4 * tile; row < 4 * tile + 4; row++) {
      for (let p = 0; p < start; p++) {
        if (data[row * columns + p] !== 0) start = p;
      }
    }
    starts[tile] = start;
  }
  return starts;
}

function mirrorLowerTriangle(data: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) data[i * n + j] = data[j * n + i]!;
  }
}

/** The transpose, as a new matrix. */
export function transpose({ rows, columns, data }: Matrix): Matrix {
  const out = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j]!;
  }
  return { rows: columns, columns: rows, data: out };
}

function addTile(
  { data: a, columns: k }: Matrix,
  { data: b, rows: n }: Matrix,
  out: Float64Array,
  i: number,
  j: number,
  from: number,
  to: number,
): void {
  const [a0, a1, a2, a3] = [i * k, (i + 1) * k, (i + 2) * k, (i + 3) * k] as const;
  const [b0, b1, b2, b3] = [j * k, (j + 1) * k, (j + 2) * k, (j + 3) * k] as const;
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  let [s20, s21, s22, s23] = [0, 0, 0, 0];
  let [s30, s31, s32, s33] = [0, 0, 0, 0];
  for (let p = from; p < to; p++) {
    const [y0, y1, y2, y3] = [b[b0 + p]!, b[b1 + p]!, b[b2 + p]!, b[b3 + p]!];
    const x0 = a[a0 + p]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    const x1 = a[a1 + p]!;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    const x2 = a[a2 + p]!;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    const x3 = a[a3 + p]!;
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  const [c0, c1, c2, c3] = [i * n + j, (i + 1) * n + j, (i + 2) * n + j, (i + 3) * n + j] as const;
  out[c0]! += s00;
  out[c0 + 1]! += s01;
  out[c0 + 2]! += s02;
  out[c0 + 3]! += s03;
  out[c1]! += s10;
  out[c1 + 1]! += s11;
  out[c1 + 2]! += s12;
  out[c1 + 3]! += s13;
  out[c2]! += s20;
  out[c2 + 1]! += s21;
  out[c2 + 2]! += s22;
  out[c2 + 3]! += s23;
  out[c3]! += s30;
  out[c3 + 1]! += s31;
  out[c3 + 2]! += s32;
  out[c3 + 3]! += s33;
}

/** The rows and columns that 4x4 tiles leave over. */
function addEdges(
  { data: a, rows: m, columns: k }: Matrix,
  { data: b, rows: n }: Matrix,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const tiledRows = m - (m % 4);
  const tiledColumns = n - (n % 4);
  for (let i = 0; i < m; i++) {
    for (let j = i < tiledRows ? tiledColumns : 0; j < n; j++) {
      let sum = 0;
      for (let p = from; p < to; p++) sum += a[i * k + p]! * b[j * k + p]!;
      out[i * n + j]! += sum;
    }
  }
}
