/** Feature vectors from a formula, the twin of `features` in reference/fid/make_fixtures.py. */
import { hashUniform } from './hash-weights.js';

const COMMON = 8;

/** Not below 0 as after a ReLU: a few common directions and fading noise, times `scale`. */
export function hashFeatures(
  name: string,
  count: number,
  width: number,
  scale = 1,
): Float32Array[] {
  const noise = hashUniform(name, count * width);
  const common = hashUniform(`${name} common`, count * COMMON);
  const directions = hashUniform('directions', COMMON * width);
  return Array.from({ length: count }, (_, row) => {
    const values = new Float32Array(width);
    for (let j = 0; j < width; j++) {
      let shared = 0;
      for (let k = 0; k < COMMON; k++) {
        shared += common[row * COMMON + k]! * directions[k * width + j]!;
      }
      const spread = 1 / (1 + (16 * j) / width);
      values[j] = Math.max(0, 0.5 + spread * noise[row * width + j]! + 0.5 * shared);
      values[j]! *= Math.fround(scale);
    }
    return values;
  });
}

/** The same vectors with a little noise. */
export function withNoise(rows: readonly Float32Array[]): Float32Array[] {
  const width = rows[0]!.length;
  const noise = hashUniform('noise', rows.length * width);
  return rows.map((row, i) => row.map((value, j) => value + 0.02 * noise[i * width + j]!));
}
