import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { expandBraces, listPictures } from '../../src/features/list-pictures.js';
import { readTarMembers, type TarContents } from '../../src/features/tar-members.js';
import { tarArchive, tarPart, withChecksum, type TarPart } from './tar-archive.js';

let folder: string;
const at = (name: string): string => path.join(folder, name);

beforeAll(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'featinv-tar-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function read(bytes: Uint8Array): TarContents {
  writeFileSync(at('archive.tar'), bytes);
  return readTarMembers(at('archive.tar'));
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('archives of GNU tar', () => {
  const names = [
    'a.jpg',
    `${'deep/'.repeat(30)}${'long'.repeat(30)}.jpg`,
    'Größe.png',
    'empty.json',
  ];

  beforeAll(() => {
    for (const [i, name] of names.entries()) {
      mkdirSync(path.dirname(at(`in/${name}`)), { recursive: true });
      writeFileSync(
        at(`in/${name}`),
        name === 'empty.json' ? '' : `content ${i} `.repeat(i * 100 + 1),
      );
    }
  });

  it.each(['gnu', 'pax'])('lists what --format=%s holds, each at its place', (format) => {
    execFileSync('tar', [`--format=${format}`, '-cf', at('real.tar'), '-C', at('in'), ...names]);
    const { members, damage } = readTarMembers(at('real.tar'));
    expect(damage).toBeUndefined();
    expect(members.map(({ name }) => name)).toEqual(names);
    const bytes = readFileSync(at('real.tar'));
    for (const { name, offset, size } of members) {
      expect(bytes.subarray(offset, offset + size), name).toEqual(readFileSync(at(`in/${name}`)));
    }
  });

  it('follows hard links, leaves out folders and symbolic links', () => {
    execFileSync('ln', ['-f', at('in/a.jpg'), at('in/again.jpg')]);
    execFileSync('ln', ['-sf', 'a.jpg', at('in/soft.jpg')]);
    execFileSync('tar', [
      '-cf',
      at('links.tar'),
      '-C',
      at('in'),
      'a.jpg',
      'again.jpg',
      'soft.jpg',
      'deep',
    ]);
    const { members } = readTarMembers(at('links.tar'));
    expect(members.map(({ name }) => path.basename(name))).toEqual([
      'a.jpg',
      'again.jpg',
      path.basename(names[1]!),
    ]);
    expect(members[1]).toEqual({ ...members[0], name: 'again.jpg' });
  });
});

describe('damage', () => {
  const good: TarPart = { name: 'good.jpg', data: text('picture') };

  it.each<[string, Uint8Array, RegExp]>([
    ['no archive', text('JFIF'.repeat(300)), /archive\.tar is no tar archive$/],
    [
      'a compressed one',
      Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(600)]),
      /compressed; unpack it/,
    ],
    ['a size of no number', tarArchive({ ...good, size: 'many' }), /good\.jpg has no valid size/],
    ['an endless size', tarArchive({ ...good, size: '77777777777' }), /ends at byte 8589935103/],
    ['a negative size', tarArchive({ ...good, size: Buffer.alloc(12, 0xff) }), /has no valid size/],
    [
      'a size beyond all files',
      tarArchive({ ...good, size: Buffer.concat([Buffer.from([0x80]), Buffer.alloc(11, 9)]) }),
      /no valid size/,
    ],
    [
      'an extended header of gigabytes',
      Buffer.concat([
        tarPart({ name: 'x', type: 'x', data: new Uint8Array(2 ** 20 + 1) }),
        tarArchive(good),
      ]),
      /has 1048577 bytes/,
    ],
    [
      'an extended header that is none',
      tarArchive({ name: 'x', type: 'x', data: text('99 path=a\n') }, good),
      /is none/,
    ],
    [
      'an extended size of no number',
      tarArchive({ name: 'x', type: 'x', data: text('13 size=-512\n') }, good),
      /gives the size "-512"/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    const outcome = (): TarContents => read(bytes);
    try {
      expect(outcome().damage?.message).toMatch(message);
      expect(outcome().members).toEqual([]);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toMatch(message);
    }
  });

  it('lists what is whole before the damage, and says where it is', () => {
    const archive = tarArchive(good, { name: 'cut.jpg', data: new Uint8Array(5000) });
    const { members, damage } = read(archive.subarray(0, 3000));
    expect(members.map(({ name }) => name)).toEqual(['good.jpg']);
    expect(damage?.message).toMatch(
      /archive\.tar is damaged: cut\.jpg ends at byte 6536, the file at 3000/,
    );
    expect(read(archive.subarray(0, 1200)).damage?.message).toMatch(
      /ends at byte 1200, within a header/,
    );
  });

  it('takes names as names only, without what steers a terminal', () => {
    const { members } = read(tarArchive({ ...good, name: '../../etc/\u001b[2Jpasswd.jpg' }));
    expect(members[0]!.name).toBe('../../etc/?[2Jpasswd.jpg');
  });

  it('holds for any bytes: members lie within the file, other than InputErrors do not come', () => {
    const archive = tarArchive(
      { name: 'x', type: 'x', data: text('18 path=other.jpg\n') },
      good,
      { name: 'long', type: 'L', data: text('a'.repeat(300)) },
      { name: 'b.cls', data: text('3') },
      { name: 'same.jpg', type: '1', link: 'good.jpg' },
    );
    const change = fc.tuple(fc.nat(archive.length - 1), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 8 }),
        fc.nat(archive.length),
        fc.boolean(),
        (changes, length, repair) => {
          const bytes = Buffer.from(archive);
          for (const [position, value] of changes) bytes[position] = value;
          for (let block = 0; repair && block + 512 <= bytes.length; block += 512) {
            if (bytes.toString('latin1', block + 257, block + 262) === 'ustar') {
              withChecksum(bytes.subarray(block, block + 512));
            }
          }
          const cut = bytes.subarray(0, length);
          try {
            for (const { offset, size } of read(cut).members) {
              expect(size >= 0 && offset >= 512 && offset + size <= cut.length).toBe(true);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('listPictures', () => {
  it('groups by key as WebDataset does', async () => {
    const data = text('x');
    const names = [
      'n/001.jpg',
      'n/001.cls',
      'n/001.json',
      'n/002.seg.png',
      'n/002.jpg',
      'n/003.cls',
      'readme.txt',
    ];
    writeFileSync(at('s-1.tar'), tarArchive(...names.map((name) => ({ name, data }))));
    writeFileSync(at('s-2.tar'), tarArchive({ name: '004.webp', data }));
    const entries = await listPictures([at('s-{1..2}.tar')], (error) =>
      expect.unreachable(error.message),
    );
    expect(
      entries.map(({ name, beside }) => [path.relative(folder, name), Object.keys(beside ?? {})]),
    ).toEqual([
      ['s-1.tar/n/001.jpg', ['cls', 'json']],
      ['s-1.tar/n/002.seg.png', []],
      ['s-1.tar/n/002.jpg', []],
      ['s-2.tar/004.webp', []],
    ]);
  });

  it('names the place that holds none', async () => {
    writeFileSync(at('none.tar'), tarArchive({ name: 'a.txt' }));
    await expect(listPictures([at('none.tar')], () => undefined)).rejects.toThrow(
      /none\.tar holds no pictures/,
    );
    await expect(listPictures([at('s-{1..3}.tar')], () => undefined)).rejects.toThrow(
      /s-3\.tar does not exist/,
    );
    expect(() => expandBraces('s-{5..2}.tar')).toThrow(
      /\{5\.\.2\} in s-\{5\.\.2\}\.tar must go from/,
    );
    expect(expandBraces('{08..10}/{0..1}')).toEqual([
      '08/0',
      '08/1',
      '09/0',
      '09/1',
      '10/0',
      '10/1',
    ]);
  });
});
