/** Values of positions as rows, rounded: they are drawn, not computed with. */
export function toRows(values: ArrayLike<number>, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, y) =>
    Array.from({ length: width }, (_, x) => Number(values[y * width + x]!.toFixed(4))),
  );
}
