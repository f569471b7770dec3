import type { CallContext } from './constructors.js';
import { isKind, type PickleValue } from './values.js';

/** Reads one number; `little` is its byte order. */
const DECODERS: Readonly<Record<string, (view: DataView, little: boolean) => number | boolean>> = {
  b1: (view) => view.getUint8(0) !== 0,
  i1: (view) => view.getInt8(0),
  u1: (view) => view.getUint8(0),
  i2: (view, little) => view.getInt16(0, little),
  u2: (view, little) => view.getUint16(0, little),
  i4: (view, little) => view.getInt32(0, little),
  u4: (view, little) => view.getUint32(0, little),
  i8: (view, little) => Number(view.getBigInt64(0, little)),
  u8: (view, little) => Number(view.getBigUint64(0, little)),
  f4: (view, little) => view.getFloat32(0, little),
  f8: (view, little) => view.getFloat64(0, little),
};

/** `numpy.dtype(code, align, copy)`; its byte order follows as its state. */
export function numpyDType([code]: readonly PickleValue[], { wrong }: CallContext): PickleValue {
  if (typeof code !== 'string' || !Object.hasOwn(DECODERS, code)) throw wrong(code);
  return { kind: 'numpy dtype', code, littleEndian: true };
}

/** `numpy.core.multiarray.scalar(dtype, bytes)` as a plain number. */
export function numpyScalar(
  [dtype, data]: readonly PickleValue[],
  { wrong }: CallContext,
): PickleValue {
  if (!isKind(dtype, 'numpy dtype')) throw wrong(dtype);
  const width = Number(dtype.code[1]);
  // Python 2 writes the bytes as a text.
  const latin1 = isKind(data, 'bytes') ? data.latin1 : data;
  if (typeof latin1 !== 'string' || latin1.length !== width) throw wrong(data);
  const bytes = Uint8Array.from(latin1, (character) => character.charCodeAt(0));
  return DECODERS[dtype.code]!(new DataView(bytes.buffer), dtype.littleEndian);
}
