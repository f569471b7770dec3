import { InputError } from '../errors.js';
import { TILE, tileKernel, type TileKernel } from './simd-tile.js';

/** A dense float64 matrix, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Rows that a product reads in groups of four, wherever they come from. */
export interface RowSource {
  readonly rows: number;
  readonly columns: number;
  /** How many leading columns are zero in all rows of a group; 0 if that is not known. */
  zeros(group: number): number;
  /**
   * Writes columns `from` to `to` of a group, column by column: the value of row 4 · group + r in column p
   * goes to target[at + 4 (p - from) + r]. For rows beyond the last it writes zeros.
   */
  pack(group: number, from: number, to: number, target: Float64Array, at: number): void;
}

/** Columns and rows of which a packed block has at most as many: 512 KiB, so that it stays in the cache. */
const DEPTH = 256;
const BLOCK_GROUPS = 64;

/** Where the kernel's memory holds a group of the first factor, and a block of the second. */
const FIRST = TILE * TILE;
const SECOND = FIRST + TILE * DEPTH;

let shared: TileKernel | undefined;

/**
 * first x second' (both [rows, k]) in 4x4 tiles. Rows' leading zeros, as triangular matrices have, cost
 * nothing, and a matrix with itself costs half.
 */
export function multiplyTransposed(first: Matrix, second: Matrix): Matrix {
  const rows = matrixRows(first);
  return multiplyRows(rows, first === second ? rows : matrixRows(second));
}

/** As `multiplyTransposed`, of rows from anywhere. */
export function multiplyRows(first: RowSource, second: RowSource): Matrix {
  if (first.columns !== second.columns) {
    throw new InputError(
      `matrix product: rows of ${first.columns} and ${second.columns} values; they must match`,
    );
  }
  shared ??= tileKernel(SECOND - FIRST + BLOCK_GROUPS * TILE * DEPTH);
  const data = new Float64Array(first.rows * second.rows);
  for (let from = 0; from < first.columns; from += DEPTH) {
    const to = Math.min(from + DEPTH, first.columns);
    for (let block = 0; block < groupsOf(second); block += BLOCK_GROUPS) {
      addBlock(shared, data, first, second, block, from, to);
    }
  }
  if (first === second) mirrorLowerTriangle(data, first.rows);
  return { rows: first.rows, columns: second.rows, data };
}

const groupsOf = ({ rows }: RowSource): number => Math.ceil(rows / TILE);

/** Adds what columns `from` to `to` contribute to the products with one block of the second factor. */
function addBlock(
  kernel: TileKernel,
  data: Float64Array,
  first: RowSource,
  second: RowSource,
  block: number,
  from: number,
  to: number,
): void {
  const symmetric = first === second;
  const blockEnd = Math.min(block + BLOCK_GROUPS, groupsOf(second));
  const places = new Int32Array(blockEnd - block);
  const starts = new Int32Array(blockEnd - block);
  let at = SECOND;
  for (let j = block; j < blockEnd; j++) {
    const start = Math.min(to, Math.max(from, second.zeros(j)));
    if (start < to) second.pack(j, start, to, kernel.values, at);
    places[j - block] = at;
    starts[j - block] = start;
    at += TILE * (to - start);
  }
  for (let i = symmetric ? block : 0; i < groupsOf(first); i++) {
    const firstStart = Math.max(from, first.zeros(i));
    if (firstStart >= to) continue;
    first.pack(i, firstStart, to, kernel.values, FIRST);
    const last = symmetric ? Math.min(i + 1, blockEnd) : blockEnd;
    for (let j = block; j < last; j++) {
      const secondStart = starts[j - block]!;
      const start = Math.max(firstStart, secondStart);
      if (start >= to) continue;
      const place = places[j - block]! + TILE * (start - secondStart);
      kernel.multiply(FIRST + TILE * (start - firstStart), place, to - start);
      addTile(kernel.values, data, first.rows, second.rows, i * TILE, j * TILE);
    }
  }
}

function addTile(
  tile: Float64Array,
  data: Float64Array,
  rows: number,
  columns: number,
  row: number,
  column: number,
): void {
  const height = Math.min(TILE, rows - row);
  const width = Math.min(TILE, columns - column);
  for (let r = 0; r < height; r++) {
    const at = (row + r) * columns + column;
    for (let c = 0; c < width; c++) data[at + c]! += tile[r * TILE + c]!;
  }
}

/** The rows of a matrix, or some of them: `rows` and `columns` from `offset` on in rows of `stride`. */
export function matrixRows({
  data,
  rows,
  columns,
  offset = 0,
  stride = columns,
}: Matrix & { readonly offset?: number; readonly stride?: number }): RowSource {
  const place = (row: number): number => offset + row * stride;
  const starts = new Int32Array(Math.ceil(rows / TILE)).fill(columns);
  for (let row = 0; row < rows; row++) {
    const group = Math.floor(row / TILE);
    for (let p = 0; p < starts[group]!; p++) {
      if (data[place(row) + p] !== 0) starts[group] = p;
    }
  }
  const pack: RowSource['pack'] = (group, from, to, target, at) => {
    for (let r = 0; r < TILE; r++) {
      const row = group * TILE + r;
      const start = place(row);
      for (let p = from; p < to; p++) {
        target[at + TILE * (p - from) + r] = row < rows ? data[start + p]! : 0;
      }
    }
  };
  return { rows, columns, zeros: (group) => starts[group]!, pack };
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
