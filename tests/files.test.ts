import { chmod, mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { InputError, WorkError } from '../src/errors.js';
import { ensureWritableDirectory, writeAtomic } from '../src/files.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'featinv-files-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('writeAtomic', () => {
  it('replaces a file and leaves nothing beside it', async () => {
    const file = path.join(directory, 'a.json');
    await writeAtomic(file, 'old');
    await writeAtomic(file, Uint8Array.of(110, 101, 119));
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await readdir(directory)).toEqual(['a.json']);
  });

  it('writes pieces as they come, and nothing when one fails', async () => {
    const file = path.join(directory, 'a.bin');
    await writeAtomic(file, [Uint8Array.of(1, 2), Uint8Array.of(3)]);
    expect([...(await readFile(file))]).toEqual([1, 2, 3]);
    function* failing(): Generator<Uint8Array> {
      yield Uint8Array.of(4);
      throw new InputError('the source is gone');
    }
    await expect(writeAtomic(file, failing())).rejects.toThrow(
      new InputError('the source is gone'),
    );
    expect([...(await readFile(file))]).toEqual([1, 2, 3]);
    expect(await readdir(directory)).toEqual(['a.bin']);
  });

  it('names the file and the reason when it cannot write', async () => {
    const file = path.join(directory, 'missing', 'a.json');
    await expect(writeAtomic(file, 'x')).rejects.toThrow(
      new WorkError(`cannot write ${file}: no such file or directory`),
    );
  });

  it('keeps the old file when the new one cannot take its place', async () => {
    const target = path.join(directory, 'taken');
    await mkdir(path.join(target, 'inside'), { recursive: true });
    await expect(writeAtomic(target, 'x')).rejects.toThrow(WorkError);
    expect(await readdir(directory)).toEqual(['taken']);
  });
});

describe('ensureWritableDirectory', () => {
  it('creates what is missing', async () => {
    const wanted = path.join(directory, 'a', 'b');
    await ensureWritableDirectory(wanted, '--out');
    expect(await readdir(path.join(directory, 'a'))).toEqual(['b']);
  });

  it.each([['file.txt'], ['file.txt/inside']])('refuses %s in a sentence', async (name) => {
    await writeFile(path.join(directory, 'file.txt'), '');
    const wanted = path.join(directory, name);
    await expect(ensureWritableDirectory(wanted, '--out')).rejects.toThrow(InputError);
    await expect(ensureWritableDirectory(wanted, '--out')).rejects.toThrow(
      `--out must be a directory that can be written to, got ${wanted}: `,
    );
  });

  // The superuser may write anywhere but on a read-only file system.
  it('refuses a directory without write permission', async () => {
    const closed = process.getuid?.() === 0 ? '/proc' : path.join(directory, 'closed');
    if (closed !== '/proc') await mkdir(closed).then(() => chmod(closed, 0o500));
    await expect(ensureWritableDirectory(path.join(closed, 'inside'), '--out')).rejects.toThrow(
      InputError,
    );
  });
});
