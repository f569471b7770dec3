import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

interface ResourceFile {
  path: string;
  bytes: Buffer;
}
const script = path.join(packageRoot(), 'scripts', 'photos', 'qt-resource.mjs');
const { readQtResource } = (await import(pathToFileURL(script).href)) as {
  readQtResource: (blob: Buffer) => Iterable<ResourceFile>;
};

const u16 = (value: number) => Buffer.from(Uint16Array.of(value).buffer).swap16();
const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer).swap32();
const block = (bytes: Buffer) => Buffer.concat([u32(bytes.length), bytes]);

/** A resource of /pictures/a.txt (plain), /pictures/é.txt (compressed) and /b (plain, empty). */
function resource(version: number): Buffer {
  const texts = ['', 'pictures', 'b', 'a.txt', 'é.txt'];
  const nameOffsets: number[] = [];
  let names = Buffer.alloc(0);
  for (const text of texts) {
    nameOffsets.push(names.length);
    const utf16 = Buffer.from(text, 'utf16le').swap16();
    names = Buffer.concat([names, u16(text.length), u32(0xdeadbeef), utf16]);
  }
  const long = Buffer.from('again and '.repeat(50));
  const blobs = [
    block(Buffer.from('plain text')),
    block(Buffer.concat([u32(long.length), deflateSync(long)])),
    block(Buffer.alloc(0)),
  ];
  const dataOffset = (place: number) => Buffer.concat(blobs.slice(0, place)).length;

  const entry = (name: number, flags: number, rest: Buffer[]) => {
    const modified = Buffer.alloc(version < 2 ? 0 : 8, 0x77);
    return Buffer.concat([u32(nameOffsets[name]!), u16(flags), ...rest, modified]);
  };
  const folder = (name: number, count: number, first: number) =>
    entry(name, 2, [u32(count), u32(first)]);
  const file = (name: number, flags: number, place: number) =>
    entry(name, flags, [u16(0), u16(1), u32(dataOffset(place))]);
  const tree = Buffer.concat([
    folder(0, 2, 1),
    folder(1, 2, 3),
    file(2, 0, 2),
    file(3, 0, 0),
    file(4, 1, 1),
  ]);

  const data = Buffer.concat(blobs);
  const head = 24;
  const offsets = [version, head, head + tree.length, head + tree.length + data.length, 0];
  return Buffer.concat([Buffer.from('qres'), ...offsets.map(u32), tree, data, names]);
}

const read = (blob: Buffer) =>
  [...readQtResource(blob)].map((file) => [file.path, file.bytes.toString()]);

describe('readQtResource', () => {
  it.each([1, 2, 3])('reads plain and compressed files of version %i', (version) => {
    expect(read(resource(version))).toEqual([
      ['/pictures/a.txt', 'plain text'],
      ['/pictures/é.txt', 'again and '.repeat(50)],
      ['/b', ''],
    ]);
  });

  it.each([
    ['text', Buffer.from('not a resource at all')],
    ['nothing', Buffer.alloc(0)],
  ])('refuses %s', (_, blob) => {
    expect(() => read(blob)).toThrow('not a Qt binary resource');
  });

  it('refuses a resource that is cut off or whose compressed data is damaged', () => {
    const whole = resource(3);
    for (const length of [4, 20, 30, 100]) {
      expect(() => read(whole.subarray(0, length))).toThrow(RangeError);
    }
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, damaged.indexOf(deflateSync(Buffer.from('again and '.repeat(50)))));
    expect(() => read(damaged)).toThrow();
  });
});
