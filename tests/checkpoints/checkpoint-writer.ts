import { integer, list, op, pickle, text } from './pickle/pickle-writer.js';
import { zipOf, type ZipOptions } from './zip-writer.js';

/** Data of storages by their keys. */
export type StorageData = readonly (readonly [key: string, data: Uint8Array])[];

/** A file as torch.save writes it, from what its pickle holds. */
export function zipCheckpoint(
  body: Buffer,
  storages: StorageData = [],
  options: ZipOptions = {},
): Buffer {
  const members = storages.map(([key, data]) => [`archive/data/${key}`, data] as const);
  return zipOf(
    [['archive/data.pkl', pickle(body)], ['archive/byteorder', op('little')], ...members],
    options,
  );
}

/** The same in the format before 1.6; `bytes` is the size of all elements. */
export function legacyCheckpoint(body: Buffer, storages: StorageData, bytes: number): Buffer {
  const magic = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex');
  const raw = storages.flatMap(([, data]) => {
    const length = Buffer.alloc(8);
    length.writeBigInt64LE(BigInt(data.length / bytes));
    return [length, data];
  });
  return Buffer.concat([
    pickle(magic),
    pickle(integer(1001)),
    pickle(op('}')),
    pickle(body),
    pickle(list(...storages.map(([key]) => text(key)))),
    ...raw,
  ]);
}
