/** Tar archives byte by byte, for tests of what no tool would write. */

export interface TarPart {
  readonly name: string;
  readonly data?: Uint8Array;
  /** Default: a file. */
  readonly type?: string;
  /** What the header claims, as it stands there; default: the size of the data, in octal. */
  readonly size?: Uint8Array | string;
  readonly link?: string;
}

/** A header with a right checksum, the data, and zeros to the next block. */
export function tarPart({
  name,
  data = new Uint8Array(),
  type = '0',
  size,
  link = '',
}: TarPart): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  const claimed = size ?? data.length.toString(8).padStart(11, '0');
  Buffer.from(claimed as string).copy(header, 124, 0, 12);
  header.write(type, 156, 'latin1');
  header.write(link, 157, 100);
  header.write('ustar\0' + '00', 257, 'latin1');
  return Buffer.concat([
    withChecksum(header),
    data,
    Buffer.alloc((512 - (data.length % 512)) % 512),
  ]);
}

/** A header whose checksum fits whatever else stands in it. */
export function withChecksum(header: Buffer): Buffer {
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

export const tarArchive = (...parts: TarPart[]): Buffer =>
  Buffer.concat([...parts.map(tarPart), Buffer.alloc(1024)]);
