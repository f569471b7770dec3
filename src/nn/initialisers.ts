import type { Random } from '../random.js';
import { sizeOf, type Shape } from '../graph/index.js';

/** Makes the starting values of a trained parameter. */
export type Initialiser = (shape: Shape, random: Random) => Float32Array;

export const zeros: Initialiser = (shape) => new Float32Array(sizeOf(shape));

export const ones: Initialiser = (shape) => new Float32Array(sizeOf(shape)).fill(1);

/** U(-1/√fanIn, 1/√fanIn), PyTorch's default for convolutions and linear layers. */
export function uniformFanIn(fanIn: number): Initialiser {
  const bound = 1 / Math.sqrt(fanIn);
  return (shape, random) => fill(shape, () => (2 * random.uniform() - 1) * bound);
}

/** N(0, deviation²) */
export function normal(deviation: number): Initialiser {
  return (shape, random) => fill(shape, () => random.normal() * deviation);
}

function fill(shape: Shape, draw: () => number): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = draw();
  return values;
}
