/** Qt binary resources (.rcc): a tree of names over a table of blobs, all numbers big-endian. */
import { inflateSync } from 'node:zlib';

const COMPRESSED = 1;
const FOLDER = 2;

/** Yields `{ path, bytes }` of every file in the resource. */
export function* readQtResource(blob) {
  if (blob.toString('latin1', 0, 4) !== 'qres') throw new Error('not a Qt binary resource');
  const [version, tree, data, names] = [4, 8, 12, 16].map((at) => blob.readUInt32BE(at));
  const entrySize = version < 2 ? 14 : 22;

  function nameAt(offset) {
    const length = blob.readUInt16BE(names + offset);
    const start = names + offset + 6;
    return Buffer.from(blob.subarray(start, start + 2 * length)).swap16().toString('utf16le');
  }

  function* walk(index, folder) {
    const at = tree + index * entrySize;
    const path = index === 0 ? '' : `${folder}/${nameAt(blob.readUInt32BE(at))}`;
    const flags = blob.readUInt16BE(at + 4);
    if (flags & FOLDER) {
      const [count, first] = [blob.readUInt32BE(at + 6), blob.readUInt32BE(at + 10)];
      for (let child = first; child < first + count; child++) yield* walk(child, path);
    } else {
      const start = data + blob.readUInt32BE(at + 10);
      const bytes = blob.subarray(start + 4, start + 4 + blob.readUInt32BE(start));
      yield { path, bytes: flags & COMPRESSED ? inflateSync(bytes.subarray(4)) : bytes };
    }
  }
  yield* walk(0, '');
}
