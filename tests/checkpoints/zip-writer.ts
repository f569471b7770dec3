export interface ZipOptions {
  /** Writes sizes, offsets and the end as archives beyond 4 GiB do. */
  readonly zip64?: boolean;
  readonly method?: number;
  readonly comment?: string;
}

/** A zip archive that stores its members as they are. Checksums are left at 0. */
export function zipOf(
  members: readonly (readonly [string, Uint8Array])[],
  { zip64 = false, method = 0, comment = '' }: ZipOptions = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, data] of members) {
    const encoded = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(encoded.length, 26);
    // Padding, as PyTorch has it before tensors.
    const padding = (64 - ((at + 30 + encoded.length) % 64)) % 64;
    local.writeUInt16LE(padding, 28);
    const offset = at;
    const piece = Buffer.concat([local, encoded, Buffer.alloc(padding), data]);
    parts.push(piece);
    at += piece.length;

    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(zip64 ? 0xffffffff : data.length, 20);
    central.writeUInt32LE(zip64 ? 0xffffffff : data.length, 24);
    central.writeUInt16LE(encoded.length, 28);
    central.writeUInt32LE(zip64 ? 0xffffffff : offset, 42);
    const extra = zip64 ? zip64Field([data.length, data.length, offset]) : Buffer.alloc(0);
    central.writeUInt16LE(extra.length, 30);
    directory.push(central, encoded, extra);
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt32LE(zip64 ? 0xffffffff : list.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : at, 16);
  end.writeUInt16LE(comment.length, 20);
  const tail = zip64 ? [zip64End(list.length, at)] : [];
  return Buffer.concat([...parts, list, ...tail, end, Buffer.from(comment)]);
}

/** Another field stands before the one that counts. */
function zip64Field(values: readonly number[]): Buffer {
  const out = Buffer.alloc(6 + 4 + 8 * values.length);
  out.writeUInt16LE(0x5455, 0);
  out.writeUInt16LE(2, 2);
  out.writeUInt16LE(1, 6);
  out.writeUInt16LE(8 * values.length, 8);
  values.forEach((value, i) => out.writeBigUInt64LE(BigInt(value), 10 + 8 * i));
  return out;
}

function zip64End(listBytes: number, listOffset: number): Buffer {
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50);
  record.writeBigUInt64LE(BigInt(listBytes), 40);
  record.writeBigUInt64LE(BigInt(listOffset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50);
  locator.writeBigUInt64LE(BigInt(listOffset + listBytes), 8);
  return Buffer.concat([record, locator]);
}
