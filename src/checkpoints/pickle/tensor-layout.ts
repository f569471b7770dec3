import { DTYPE_BYTES, elementCount } from '../dtypes.js';
import type { OpenFile } from '../open-file.js';
import { invalidCheckpoint } from './invalid-checkpoint.js';
import type { PickleTensor } from './values.js';

/** Where the elements of a storage lie. */
export interface StorageRange {
  readonly offset: number;
  readonly byteLength: number;
}

/** How to get the values of a tensor out of the file. */
export interface TensorLayout {
  /** The part of the file that holds all of its elements. */
  readonly offset: number;
  readonly spanBytes: number;
  readonly elementBytes: number;
  readonly shape: readonly number[];
  /** In elements. */
  readonly strides: readonly number[];
  /** Whether the part is the values in row-major order, without gaps. */
  readonly contiguous: boolean;
  readonly byteLength: number;
}

/** Places a tensor in the file. Throws InputError when it reaches beyond its storage. */
export function tensorLayout(
  path: string,
  name: string,
  tensor: PickleTensor,
  storage: StorageRange,
  fileBytes: number,
): TensorLayout {
  const { shape, strides, dtype } = tensor;
  const elementBytes = DTYPE_BYTES[dtype];
  const count = elementCount(shape);
  const byteLength = count * elementBytes;
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, tensor.offset);
  const spanBytes = count === 0 ? 0 : (last - tensor.offset + 1) * elementBytes;
  const start = count === 0 ? 0 : tensor.offset * elementBytes;
  if (start + spanBytes > storage.byteLength) {
    throw invalidCheckpoint(
      path,
      `tensor "${name}" ends at byte ${start + spanBytes} of a storage that has ${storage.byteLength}`,
    );
  }
  if (byteLength > fileBytes) {
    throw invalidCheckpoint(
      path,
      `tensor "${name}" of shape [${shape.join(',')}] repeats its elements to ${byteLength} bytes, more than the whole file has`,
    );
  }
  const contiguous = isContiguous(shape, strides);
  const offset = storage.offset + start;
  return { offset, spanBytes, elementBytes, shape, strides, contiguous, byteLength };
}

/** The values of a tensor: row-major and little-endian. */
export function readLayout(
  file: OpenFile,
  layout: TensorLayout,
  littleEndian: boolean,
): Uint8Array<ArrayBuffer> {
  const span = file.read(layout.offset, layout.spanBytes);
  const bytes = layout.contiguous ? span : gather(span, layout);
  return littleEndian ? bytes : reversed(bytes, layout.elementBytes);
}

/** Strides of axes of size 1 have no effect. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 0) return true;
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

type Elements = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

function elements(buffer: ArrayBuffer, elementBytes: number): Elements {
  switch (elementBytes) {
    case 1:
      return new Uint8Array(buffer);
    case 2:
      return new Uint16Array(buffer);
    case 4:
      return new Uint32Array(buffer);
    default:
      return new BigUint64Array(buffer);
  }
}

/** Copies the elements of a strided view into row-major order. */
function gather(span: Buffer<ArrayBuffer>, layout: TensorLayout): Buffer<ArrayBuffer> {
  const { shape, strides, elementBytes, byteLength } = layout;
  const out = Buffer.from(new ArrayBuffer(byteLength));
  const source = elements(span.buffer, elementBytes);
  const target = elements(out.buffer, elementBytes);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < target.length; to++) {
    target[to] = source[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

function reversed(bytes: Buffer<ArrayBuffer>, elementBytes: number): Buffer<ArrayBuffer> {
  if (elementBytes === 2) return bytes.swap16();
  if (elementBytes === 4) return bytes.swap32();
  if (elementBytes === 8) return bytes.swap64();
  return bytes;
}
