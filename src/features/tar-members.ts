/**
 * What a tar archive holds, found by its headers alone, so that each member can be read from its own place, in any
 * order and by any thread. Formats: ustar and pax (POSIX.1-2001), GNU. Nothing is ever unpacked: names are only names.
 */
import { withFile, type OpenFile } from '../checkpoints/open-file.js';
import { InputError } from '../errors.js';

export interface TarMember {
  /** As it is stored, without control characters. */
  readonly name: string;
  /** Of the first byte of its data, in the archive. */
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
}

export interface TarContents {
  /** Files in the order of the archive; folders, devices and symbolic links are left out. */
  readonly members: readonly TarMember[];
  /** Why what lies behind the last member could not be read. */
  readonly damage: InputError | undefined;
}

const BLOCK = 512;
/** Longer names and headers are no archive's, they are an attack on memory. */
const MAX_EXTENSION_BYTES = 2 ** 20;

/** Places in a header: offset and length. */
const NAME = [0, 100] as const;
const SIZE = [124, 12] as const;
const CHECKSUM = [148, 8] as const;
const TYPE = 156;
const LINK = [157, 100] as const;
const MAGIC = [257, 5] as const;
const PREFIX = [345, 155] as const;

/** Types whose data describe the next member. */
const PAX = 'x';
const GNU_LONG_NAME = 'L';
const GNU_LONG_LINK = 'K';
const FILE_TYPES = ['0', '\0', '7'];
const HARD_LINK = '1';

/** What a pax or GNU extension says of the member behind it. */
interface Extension {
  readonly name?: string;
  readonly link?: string;
  readonly size?: number;
}

/** Throws InputError for what is no tar archive; of one that is damaged further on, the whole members are listed. */
export function readTarMembers(path: string): TarContents {
  return withFile(path, (file) => {
    const found = new Map<string, TarMember>();
    const members: TarMember[] = [];
    let extension: Extension = {};
    let position = 0;
    try {
      while (position < file.byteLength) {
        const header = readHeader(file, position);
        if (header === undefined) break;
        const { type } = header;
        const size = FILE_TYPES.includes(type) ? (extension.size ?? header.size) : header.size;
        const offset = position + BLOCK;
        if (offset + size > file.byteLength) {
          throw damaged(
            path,
            `${header.name} ends at byte ${offset + size}, the file at ${file.byteLength}`,
          );
        }
        const next = offset + Math.ceil(size / BLOCK) * BLOCK;
        if (type === PAX || type === GNU_LONG_NAME || type === GNU_LONG_LINK) {
          extension = { ...extension, ...readExtension(file, type, offset, size) };
        } else {
          const name = printable(extension.name ?? header.name);
          const target = found.get(printable(extension.link ?? header.link));
          const member = FILE_TYPES.includes(type)
            ? { name, offset, size }
            : type === HARD_LINK && target && { ...target, name };
          if (member) {
            members.push(member);
            found.set(name, member);
          }
          extension = {};
        }
        position = next;
      }
    } catch (error) {
      if (!(error instanceof InputError) || position === 0) throw error;
      return { members, damage: error };
    }
    return { members, damage: undefined };
  });
}

interface Header {
  readonly name: string;
  readonly link: string;
  readonly type: string;
  readonly size: number;
}

/** Undefined for the block of zeros that ends an archive. */
function readHeader(file: OpenFile, position: number): Header | undefined {
  if (position + BLOCK > file.byteLength) {
    throw damaged(file.path, `it ends at byte ${file.byteLength}, within a header`);
  }
  const block = file.read(position, BLOCK);
  if (block.every((byte) => byte === 0)) return undefined;
  if (!isHeader(block)) {
    throw position === 0
      ? new InputError(`${file.path} is no tar archive${compression(block)}`)
      : damaged(file.path, `there is no header at byte ${position}`);
  }
  const prefix = textAt(block, MAGIC) === 'ustar' && block[262] === 0 ? textAt(block, PREFIX) : '';
  const name = textAt(block, NAME);
  const size = numberAt(block, SIZE);
  if (size === undefined) throw damaged(file.path, `${printable(name)} has no valid size`);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    link: textAt(block, LINK),
    type: String.fromCharCode(block[TYPE]!),
    size,
  };
}

/** Whether a block's checksum, the sum of its bytes with the checksum as blanks, is right. */
function isHeader(block: Buffer): boolean {
  const [start, length] = CHECKSUM;
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= start && i < start + length ? 0x20 : block[i]!;
  return numberAt(block, CHECKSUM) === sum;
}

function compression(block: Buffer): string {
  const isCompressed =
    (block[0] === 0x1f && block[1] === 0x8b) || block.readUInt32BE(0) === 0x28b52ffd;
  return isCompressed ? ': it is compressed; unpack it first, such as with gunzip or zstd -d' : '';
}

function readExtension(file: OpenFile, type: string, offset: number, size: number): Extension {
  if (size > MAX_EXTENSION_BYTES) {
    throw damaged(file.path, `the extended header at byte ${offset} has ${size} bytes`);
  }
  const data = file.read(offset, size);
  if (type === GNU_LONG_NAME) return { name: textAt(data, [0, size]) };
  if (type === GNU_LONG_LINK) return { link: textAt(data, [0, size]) };
  return readPax(file.path, data, offset);
}

/** Records `LENGTH KEY=VALUE\n`, whose length counts themselves. */
function readPax(path: string, data: Buffer, offset: number): Extension {
  const values = new Map<string, string>();
  for (let at = 0; at < data.length;) {
    const blank = data.indexOf(' ', at);
    const length = Number(data.toString('latin1', at, Math.max(blank, at)));
    const record = data.subarray(blank + 1, at + length);
    const equals = record.indexOf('=');
    if (
      blank === -1 ||
      !Number.isSafeInteger(length) ||
      equals === -1 ||
      at + length > data.length
    ) {
      throw damaged(path, `the extended header at byte ${offset} is none`);
    }
    values.set(
      record.toString('utf8', 0, equals),
      record.toString('utf8', equals + 1).replace(/\n$/, ''),
    );
    at += length;
  }
  const [name, link, size] = ['path', 'linkpath', 'size'].map((key) => values.get(key));
  if (size !== undefined && !(/^\d+$/.test(size) && Number.isSafeInteger(Number(size)))) {
    throw damaged(
      path,
      `the extended header at byte ${offset} gives the size "${printable(size)}"`,
    );
  }
  return {
    ...(name !== undefined && { name }),
    ...(link !== undefined && { link }),
    ...(size !== undefined && { size: Number(size) }),
  };
}

/** Up to the first zero byte. */
function textAt(block: Buffer, [start, length]: readonly [number, number]): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}

/** Octal digits, or GNU's big-endian bytes behind 0x80; undefined for anything else. */
function numberAt(block: Buffer, [start, length]: readonly [number, number]): number | undefined {
  const field = block.subarray(start, start + length);
  if (field[0] === 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = field
    .toString('latin1')
    .replace(/\0[^]*$/, '')
    .trim();
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : undefined;
}

/** Names come from strangers and are printed: nothing in them may steer a terminal. */
const printable = (name: string): string => name.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');

const damaged = (path: string, reason: string): InputError =>
  new InputError(`${path} is damaged: ${printable(reason)}; fetch it again`);
