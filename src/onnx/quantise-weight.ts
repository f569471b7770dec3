import { withFile } from '../checkpoints/open-file.js';
import { toFloat32 } from '../checkpoints/dtypes.js';
import { fromFloat16 } from '../checkpoints/float16.js';
import { ShapeError, type DType, type Tensor } from '../graph/tensor.js';

/** Values of -127 to 127, and for each row (index of the first axis) what one of them stands for. */
export interface QuantisedWeight {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/** A leaf that never changes in 8 bits: the largest magnitude of a row becomes 127. */
export function quantiseWeight(leaf: Tensor): QuantisedWeight {
  const exact = valuesOf(leaf);
  const rows = leaf.dim(0);
  const width = exact.length / rows;
  const values = new Int8Array(exact.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let i = row * width; i < (row + 1) * width; i++) {
      largest = Math.max(largest, Math.abs(exact[i]!));
    }
    scales[row] = largest / 127;
    // A row of zeros stays one.
    const factor = largest === 0 ? 0 : 127 / largest;
    for (let i = row * width; i < (row + 1) * width; i++) {
      values[i] = Math.round(exact[i]! * factor);
    }
  }
  return { values, scales };
}

const STORED: Partial<Record<DType, 'F32' | 'F16' | 'BF16'>> = {
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
};

function valuesOf({ source, dtype }: Tensor): Float32Array {
  if (source.kind === 'constant') {
    if (source.data instanceof Float32Array) return source.data;
    if (source.data instanceof Uint16Array) return fromFloat16(source.data);
  }
  const stored = STORED[dtype];
  if (source.kind !== 'file' || stored === undefined) {
    throw new ShapeError(`a weight in 8 bits must be a constant of floats, got ${dtype}`);
  }
  const { path, offset, byteLength } = source.range;
  return withFile(path, (file) =>
    toFloat32(path, source.name, stored, file.read(offset, byteLength)),
  );
}
