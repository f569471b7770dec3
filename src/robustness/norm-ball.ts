/** Geometry of the balls in which attacks move. */

export const NORMS = ['linf', 'l2'] as const;
export type Norm = (typeof NORMS)[number];

/** The vector of length 1 in the norm along which a function with this gradient rises fastest. */
export function steepestStep(gradient: Float32Array, norm: Norm): Float32Array {
  if (norm === 'linf') return gradient.map(Math.sign);
  const length = euclidean(gradient);
  return length === 0 ? new Float32Array(gradient.length) : gradient.map((g) => g / length);
}

/** Moves `change` in place to the nearest point of the ball of this radius around 0. */
export function projectOnBall(change: Float32Array, radius: number, norm: Norm): void {
  if (norm === 'linf') {
    for (let i = 0; i < change.length; i++) {
      change[i] = Math.min(radius, Math.max(-radius, change[i]!));
    }
    return;
  }
  const length = euclidean(change);
  if (length <= radius) return;
  for (let i = 0; i < change.length; i++) change[i]! *= radius / length;
}

function euclidean(v: Float32Array): number {
  let squares = 0;
  for (const value of v) squares += value * value;
  return Math.sqrt(squares);
}
