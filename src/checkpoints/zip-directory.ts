import { InputError } from '../errors.js';
import type { OpenFile } from './open-file.js';

/** A file inside a zip archive. */
export interface ZipMember {
  readonly name: string;
  /** 0: stored as it is. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly byteLength: number;
  /** Of the local header, which comes before the data. */
  readonly headerOffset: number;
}

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const END64_LOCATOR_BYTES = 20;
const END64_SIGNATURE = 0x06064b50;
const END64_BYTES = 56;
const CENTRAL_SIGNATURE = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const MAX_COMMENT_BYTES = 0xffff;
const MAX_DIRECTORY_BYTES = 2 ** 27;
/** The extra field that holds what does not fit 32 bits. */
const ZIP64_FIELD = 1;
const IN_ZIP64 = 0xffffffff;

function damaged(path: string, reason: string): InputError {
  return new InputError(`${path} is a damaged zip archive: ${reason}; fetch it again`);
}

/** The members of a zip archive by name, without reading them. Throws InputError when it is damaged. */
export function readZipDirectory(file: OpenFile): Map<string, ZipMember> {
  const { offset, byteLength } = findDirectory(file);
  if (byteLength > MAX_DIRECTORY_BYTES || offset + byteLength > file.byteLength) {
    throw damaged(
      file.path,
      `its list of ${byteLength} bytes at byte ${offset} does not fit in its ${file.byteLength} bytes`,
    );
  }
  const directory = file.read(offset, byteLength);
  const members = new Map<string, ZipMember>();
  for (let at = 0; at < directory.length;) {
    const { member, end } = parseMember(file.path, directory, at);
    if (members.has(member.name)) {
      throw damaged(file.path, `it holds ${JSON.stringify(member.name)} twice`);
    }
    members.set(member.name, member);
    at = end;
  }
  return members;
}

/** Position of a stored member's first byte in the archive. Throws InputError where it is compressed. */
export function storedOffset(file: OpenFile, member: ZipMember): number {
  const name = JSON.stringify(member.name);
  if (member.encrypted || member.method !== 0) {
    const how = member.encrypted ? 'encrypted' : 'compressed';
    throw new InputError(
      `${file.path}: ${name} is ${how} in the archive, PyTorch stores it as it is; unpack it and save it again with torch.save`,
    );
  }
  if (member.headerOffset + LOCAL_BYTES > file.byteLength) {
    throw damaged(file.path, `${name} is said to lie beyond its end`);
  }
  const header = file.read(member.headerOffset, LOCAL_BYTES);
  if (header.readUInt32LE(0) !== LOCAL_SIGNATURE) {
    throw damaged(file.path, `${name} does not begin where the list says`);
  }
  const offset =
    member.headerOffset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (offset + member.byteLength > file.byteLength) {
    throw damaged(file.path, `${name} of ${member.byteLength} bytes reaches beyond its end`);
  }
  return offset;
}

/** Reads the end record, and the one of zip64 where there is one. */
function findDirectory(file: OpenFile): { offset: number; byteLength: number } {
  const tailBytes = Math.min(file.byteLength, END64_LOCATOR_BYTES + END_BYTES + MAX_COMMENT_BYTES);
  const tail = file.read(file.byteLength - tailBytes, tailBytes);
  let end = tail.length - END_BYTES;
  while (end >= 0 && !isEndRecord(tail, end)) end--;
  if (end < 0)
    throw damaged(file.path, 'it has no list of its members at its end, it is truncated');
  const locator = end - END64_LOCATOR_BYTES;
  if (locator < 0 || tail.readUInt32LE(locator) !== END64_LOCATOR_SIGNATURE) {
    return { offset: tail.readUInt32LE(end + 16), byteLength: tail.readUInt32LE(end + 12) };
  }
  const position = Number(tail.readBigUInt64LE(locator + 8));
  if (position + END64_BYTES > file.byteLength) {
    throw damaged(file.path, 'its zip64 record lies beyond its end');
  }
  const record = file.read(position, END64_BYTES);
  if (record.readUInt32LE(0) !== END64_SIGNATURE) {
    throw damaged(file.path, 'it has no zip64 record where it says');
  }
  return {
    offset: Number(record.readBigUInt64LE(48)),
    byteLength: Number(record.readBigUInt64LE(40)),
  };
}

/** Its comment, which ends the file, tells it from equal bytes in data. */
function isEndRecord(tail: Buffer, at: number): boolean {
  return (
    tail.readUInt32LE(at) === END_SIGNATURE &&
    at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length
  );
}

function parseMember(
  path: string,
  directory: Buffer,
  at: number,
): { member: ZipMember; end: number } {
  if (at + CENTRAL_BYTES > directory.length || directory.readUInt32LE(at) !== CENTRAL_SIGNATURE) {
    throw damaged(path, 'the list of its members is broken');
  }
  const nameEnd = at + CENTRAL_BYTES + directory.readUInt16LE(at + 28);
  const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
  const end = extraEnd + directory.readUInt16LE(at + 32);
  if (end > directory.length) throw damaged(path, 'the list of its members is broken');
  const name = directory.toString('utf8', at + CENTRAL_BYTES, nameEnd);
  const sizes = [at + 24, at + 20, at + 42].map((position) => directory.readUInt32LE(position));
  const [byteLength, , headerOffset] = widened(path, sizes, directory.subarray(nameEnd, extraEnd));
  return {
    member: {
      name,
      method: directory.readUInt16LE(at + 10),
      encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
      byteLength: byteLength!,
      headerOffset: headerOffset!,
    },
    end,
  };
}

/** Values that do not fit 32 bits stand in the zip64 field, in order. */
function widened(path: string, values: readonly number[], extra: Buffer): number[] {
  if (!values.includes(IN_ZIP64)) return [...values];
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== ZIP64_FIELD) {
    at += 4 + extra.readUInt16LE(at + 2);
  }
  at += 4;
  return values.map((value) => {
    if (value !== IN_ZIP64) return value;
    if (at + 8 > extra.length) throw damaged(path, 'a size beyond 4 GiB is missing in its list');
    at += 8;
    return Number(extra.readBigUInt64LE(at - 8));
  });
}
