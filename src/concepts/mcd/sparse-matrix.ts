/** Square sparse matrices, row by row. */

export interface SparseRow {
  /** Ascending. */
  readonly columns: Uint32Array;
  readonly values: Float64Array;
}

export interface SparseMatrix {
  readonly size: number;
  /** [size + 1]: where each row's entries start. */
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float64Array;
}

/** (|R| + |R|ᵀ) / 2; an entry that both parts hold is stored as two, which add up. */
export function symmetricPart(rows: readonly SparseRow[]): SparseMatrix {
  const size = rows.length;
  const starts = new Uint32Array(size + 1);
  rows.forEach(({ columns }, i) => {
    starts[i + 1]! += columns.length;
    for (const column of columns) starts[column + 1]! += 1;
  });
  for (let i = 0; i < size; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice();
  const columns = new Uint32Array(starts[size]!);
  const values = new Float64Array(starts[size]!);
  const put = (row: number, column: number, value: number): void => {
    const place = next[row]!++;
    columns[place] = column;
    values[place] = value;
  };
  rows.forEach((row, i) => {
    row.columns.forEach((j, entry) => {
      const half = Math.abs(row.values[entry]!) / 2;
      put(i, j, half);
      put(j, i, half);
    });
  });
  return { size, starts, columns, values };
}

/** Sum of each row, [size]. */
export function rowSums({ size, starts, values }: SparseMatrix): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let entry = starts[i]!; entry < starts[i + 1]!; entry++) sum += values[entry]!;
    return sum;
  });
}

/** matrix · x, written to `out`. */
export function multiply(
  { size, starts, columns, values }: SparseMatrix,
  x: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let entry = starts[i]!; entry < starts[i + 1]!; entry++) {
      sum += values[entry]! * x[columns[entry]!]!;
    }
    out[i] = sum;
  }
}
