import { InputError } from '../errors.js';
import { fromBfloat16, fromFloat16 } from './float16.js';

/** Element types by their names in safetensors, with the bytes of one element; none is below a byte. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

export type StoredDType = keyof typeof DTYPE_BYTES;

/** Whether a type holds fractions, so that it may be stored as another such type. */
export function isFloat(dtype: StoredDType): boolean {
  return dtype.startsWith('F') || dtype === 'BF16';
}

/** Number of elements of a shape; 0 also where the other sizes are too large to multiply. */
export function elementCount(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/**
 * Little-endian elements, alone in their buffer, as float32; float64 and large integers are rounded.
 * Throws InputError for the types of eight bits, which have no reader here.
 */
export function toFloat32(
  path: string,
  name: string,
  dtype: StoredDType,
  { buffer }: Uint8Array<ArrayBuffer>,
): Float32Array {
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return fromFloat16(new Uint16Array(buffer));
    case 'BF16':
      return fromBfloat16(new Uint16Array(buffer));
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case 'U64':
      return Float32Array.from(new BigUint64Array(buffer), Number);
    case 'I32':
      return Float32Array.from(new Int32Array(buffer));
    case 'U32':
      return Float32Array.from(new Uint32Array(buffer));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer));
    case 'U16':
      return Float32Array.from(new Uint16Array(buffer));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer));
    case 'U8':
    case 'BOOL':
      return Float32Array.from(new Uint8Array(buffer));
    case 'F8_E4M3':
    case 'F8_E5M2':
      throw new InputError(
        `${path}: tensor "${name}" is stored as ${dtype}; convert it to F16 or F32`,
      );
  }
}
