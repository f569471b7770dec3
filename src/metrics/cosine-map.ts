import { InputError } from '../errors.js';

/** Shape of one feature map, laid out [C, H, W]. */
export interface MapShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Cosine similarity over channels at each position of two feature maps [C, H, W].
 *
 * Maps after a ReLU have positions without any activation: two zero vectors are equal and count
 * as 1, a zero vector beside another one as 0.
 *
 * @returns one value in [-1, 1] per position, [H, W] row by row
 */
export function cosineMap(
  first: Float32Array,
  second: Float32Array,
  { channels, height, width }: MapShape,
): Float64Array {
  const positions = height * width;
  const size = channels * positions;
  if (first.length !== size || second.length !== size) {
    throw new InputError(
      `cosine: maps of ${first.length} and ${second.length} values; a map of shape [${channels}, ${height}, ${width}] has ${size}`,
    );
  }
  const dot = new Float64Array(positions);
  const firstSquares = new Float64Array(positions);
  const secondSquares = new Float64Array(positions);
  for (let i = 0; i < size; i++) {
    const position = i % positions;
    const a = first[i]!;
    const b = second[i]!;
    dot[position]! += a * b;
    firstSquares[position]! += a * a;
    secondSquares[position]! += b * b;
  }
  return dot.map((value, position) => {
    const product = Math.sqrt(firstSquares[position]!) * Math.sqrt(secondSquares[position]!);
    if (product > 0) return Math.max(-1, Math.min(1, value / product));
    return firstSquares[position] === secondSquares[position] ? 1 : 0;
  });
}
