/** The formula that reference/training/make_fixtures.py uses too. */
export function waves(count: number, seed: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => Math.sin(seed + 0.7 * i) + 0.5 * Math.cos(seed * i * i * 0.013 + i),
  );
}
