import { sizeOf, type Tensor } from '../graph/tensor.js';

/**
 * Values of a weight that are worth widening in each run instead of keeping them in float32. Smaller ones, such as
 * biases, weigh nothing, and the runtime fuses some of them into other ops if they are constant.
 */
const MANY_VALUES = 2 ** 15;

/** Whether a leaf is a large weight that a file stores in half precision. */
export function isLargeHalf({ shape, dtype, source }: Tensor): boolean {
  const isHalf = dtype === 'float16' || dtype === 'bfloat16';
  return source.kind === 'file' && isHalf && sizeOf(shape) >= MANY_VALUES;
}
