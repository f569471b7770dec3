/**
 * The pairing of n rows with n of the m ≥ n columns that has the largest sum: for each row its column.
 * Hungarian method with potentials (Kuhn 1955; Munkres 1957), O(n² m).
 *
 * @param scores [n][m] finite numbers
 */
export function bestAssignment(scores: readonly ArrayLike<number>[]): number[] {
  const n = scores.length;
  const m = scores[0]?.length ?? 0;
  // Column m is a place outside from which each row starts; rowOfColumn[m] is the row being placed.
  const rowPotential = new Float64Array(n);
  const columnPotential = new Float64Array(m + 1);
  const rowOfColumn = new Int32Array(m + 1).fill(-1);
  for (let row = 0; row < n; row++) {
    const slack = new Float64Array(m).fill(Infinity);
    const cameFrom = new Int32Array(m);
    const done = new Uint8Array(m + 1);
    rowOfColumn[m] = row;
    let column = m;
    while (rowOfColumn[column] !== -1) {
      done[column] = 1;
      const current = rowOfColumn[column]!;
      let step = Infinity;
      let next = -1;
      for (let j = 0; j < m; j++) {
        if (done[j]) continue;
        const cost = -scores[current]![j]! - rowPotential[current]! - columnPotential[j]!;
        if (cost < slack[j]!) {
          slack[j] = cost;
          cameFrom[j] = column;
        }
        if (slack[j]! < step) {
          step = slack[j]!;
          next = j;
        }
      }
      for (let j = 0; j <= m; j++) {
        if (done[j]) {
          rowPotential[rowOfColumn[j]!]! += step;
          columnPotential[j]! -= step;
        } else {
          slack[j]! -= step;
        }
      }
      column = next;
    }
    while (column !== m) {
      const before = cameFrom[column]!;
      rowOfColumn[column] = rowOfColumn[before]!;
      column = before;
    }
  }
  const columns = new Array<number>(n).fill(-1);
  for (let j = 0; j < m; j++) if (rowOfColumn[j] !== -1) columns[rowOfColumn[j]!] = j;
  return columns;
}
