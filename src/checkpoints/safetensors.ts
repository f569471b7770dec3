import { checkpointFile, type CheckpointFile } from './checkpoint-file.js';
import type { NamedTensors } from './named-tensors.js';
import { withFile, type OpenFile } from './open-file.js';
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
  const { entries, metadata } = withFile(path, readHeader);
  return checkpointFile(path, entries, metadata, ({ offset, byteLength }) =>
    withFile(path, (file) => file.read(offset, byteLength)),
  );
}

/** A file that is in memory; errors call it `path`. Throws InputError as `openSafetensors` does. */
export function decodeSafetensors(path: string, bytes: Uint8Array): SafetensorsFile {
  const read = (offset: number, length: number): Buffer<ArrayBuffer> =>
    Buffer.from(Uint8Array.from(bytes.subarray(offset, offset + length)).buffer);
  const { entries, metadata } = readHeader({ path, byteLength: bytes.length, read });
  return checkpointFile(path, entries, metadata, ({ offset, byteLength }) =>
    read(offset, byteLength),
  );
}

function readHeader(file: OpenFile): SafetensorsHeader {
  const { path, byteLength: fileBytes } = file;
  if (fileBytes < LENGTH_BYTES) throw corrupt(path, `it has only ${fileBytes} bytes`);
  const length = file.read(0, LENGTH_BYTES).readBigUInt64LE();
  if (length > BigInt(MAX_HEADER_BYTES) || length > BigInt(fileBytes - LENGTH_BYTES)) {
    throw corrupt(
      path,
      `its first 8 bytes announce a header of ${length} bytes, the file has ${fileBytes}`,
    );
  }
  return parseHeader(path, file.read(LENGTH_BYTES, Number(length)), fileBytes);
}

/** All tensors of a file as float32. Throws InputError as `openSafetensors` does. */
export function readSafetensors(path: string): NamedTensors {
  const file = openSafetensors(path);
  return new Map(
    [...file.entries].map(([name, { shape }]) => [name, { shape, data: file.read(name) }]),
  );
}
