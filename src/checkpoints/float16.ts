/** Conversion between float32 and the two 16-bit formats of checkpoints. Bits are Uint16Array. */

const FLOAT32_INFINITY = 0x7f800000;
/** The smallest float32 that rounds to a float16 infinity: halfway between 65504 and 65536. */
const OVERFLOW = 0x477ff000;
/** 2^-14, the smallest normal float16. */
const SMALLEST_NORMAL = 0x38800000;
/** 2^-25, half the smallest float16: it and everything below rounds to zero. */
const UNDERFLOW = 0x33000000;
/** Difference of the exponent biases, 127 - 15, in the place of a float32's exponent. */
const REBIAS = 112 << 23;

/** Rounds to nearest, ties to even. Beyond 65504 gives infinity, NaN stays NaN. */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) out[i] = roundToHalf(bits[i]!);
  return out;
}

function roundToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > FLOAT32_INFINITY) return sign | 0x7e00;
  if (magnitude >= OVERFLOW) return sign | 0x7c00;
  if (magnitude >= SMALLEST_NORMAL) {
    const rebiased = magnitude - REBIAS;
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
  }
  if (magnitude <= UNDERFLOW) return sign;
  // A subnormal counts multiples of 2^-24.
  const shift = 126 - (magnitude >>> 23);
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const count = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (rest > half || (rest === half && (count & 1) === 1) ? count + 1 : count);
}

let halfTable: Float32Array | undefined;

/** Exact: every float16 is a float32. */
export function fromFloat16(bits: Uint16Array): Float32Array {
  halfTable ??= Float32Array.from({ length: 0x10000 }, (_, half) => expandHalf(half));
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = halfTable[bits[i]!]!;
  return out;
}

function expandHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Exact: a bfloat16 is the upper half of a float32. */
export function fromBfloat16(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}
