/** The numbers that reference/metrics/make_fixtures.py computes its reference values from. */
export function waves(count: number, seed: number): Float64Array {
  return Float64Array.from(
    { length: count },
    (_, i) => Math.sin(seed + 0.7 * i) + 0.5 * Math.cos(seed * i * i * 0.013 + i),
  );
}

/** `waves` as rows of `width` numbers. */
export function waveRows(rows: number, width: number, seed: number): Float64Array[] {
  const values = waves(rows * width, seed);
  return Array.from({ length: rows }, (_, row) => values.slice(row * width, (row + 1) * width));
}

/** `waves` as an RGB picture. */
export function wavePicture(
  seed: number,
  height: number,
  width: number,
): { width: number; height: number; data: Uint8Array } {
  const data = Uint8Array.from(waves(height * width * 3, seed), (value) =>
    Math.min(255, Math.max(0, Math.floor(128 + 80 * value))),
  );
  return { width, height, data };
}
