import { closeSync, openSync, writeSync } from 'node:fs';
import { sizeOf } from '../../../src/graph/index.js';
import { hashValues } from '../../support/hash-weights.js';
import type { OriginalTensor } from './original-names.js';

/** Writes a safetensors file of any size: one tensor is in memory at a time. */
export function writeHashedCheckpoint(path: string, tensors: readonly OriginalTensor[]): void {
  let end = 0;
  const header = tensors.map(({ name, shape }) => {
    const begin = end;
    end += 4 * sizeOf(shape);
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = openSync(path, 'wx');
  try {
    const write = (bytes: Uint8Array): void => {
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    };
    write(length);
    write(json);
    for (const { shape, hashed } of tensors) {
      write(new Uint8Array(hashValues(hashed, shape).buffer));
    }
  } finally {
    closeSync(file);
  }
}
