import { checkpointFile, type CheckpointFile } from './checkpoint-file.js';
import type { NamedTensors } from './named-tensors.js';
import { withFile } from './open-file.js';
import {
  corrupt,
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  parseHeader,
  type SafetensorsHeader,
} from './safetensors-header.js';

export { encodeSafetensors, writeSafetensors, type WriteOptions } from './safetensors-writer.js';

/** An open safetensors file: its header is in memory and checked, its tensors are read when asked for. */
export interface SafetensorsFile extends CheckpointFile, SafetensorsHeader {
  readonly entries: SafetensorsHeader['entries'];
  readonly metadata: SafetensorsHeader['metadata'];
}

/** Reads and checks the header alone. Throws InputError if the file is missing, truncated or corrupt. */
export function openSafetensors(path: string): SafetensorsFile {
  const { entries, metadata } = withFile(path, (file) => {
    const { byteLength: fileBytes } = file;
    if (fileBytes < LENGTH_BYTES) throw corrupt(path, `it has only ${fileBytes} bytes`);
    const length = file.read(0, LENGTH_BYTES).readBigUInt64LE();
    if (length > BigInt(MAX_HEADER_BYTES) || length > BigInt(fileBytes - LENGTH_BYTES)) {
      throw corrupt(
        path,
        `its first 8 bytes announce a header of ${length} bytes, the file has ${fileBytes}`,
      );
    }
    return parseHeader(path, file.read(LENGTH_BYTES, Number(length)), fileBytes);
  });
  return checkpointFile(path, entries, metadata, ({ offset, byteLength }) =>
    withFile(path, (file) => file.read(offset, byteLength)),
  );
}

/** All tensors of a file as float32. Throws InputError as `openSafetensors` does. */
export function readSafetensors(path: string): NamedTensors {
  const file = openSafetensors(path);
  return new Map(
    [...file.entries].map(([name, { shape }]) => [name, { shape, data: file.read(name) }]),
  );
}
