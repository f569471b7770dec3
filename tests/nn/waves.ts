/** The formula of reference/engine/waves.py. */
import { sizeOf, type Shape } from '../../src/graph/index.js';

/** Values of about unit variance that depend on the name and the index alone. */
export function waves(name: string, shape: Shape): Float32Array {
  let seed = 0;
  for (const character of name) seed = (seed * 31 + character.charCodeAt(0)) % 9973;
  return Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => 1.4 * Math.sin(seed + 1.7 * i + 0.01 * i * i),
  );
}

/** Weights by fan-in, scales near 1, biases near 0. */
export function waveParameter(name: string, shape: Shape): Float32Array {
  const values = waves(name, shape);
  if (shape.length >= 2) {
    const root = Math.sqrt(sizeOf(shape.slice(1)));
    return values.map((v) => v / root);
  }
  return name.endsWith('weight') ? values.map((v) => 1 + 0.2 * v) : values.map((v) => 0.2 * v);
}
