import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choosePhotographs, fingerprint } from '../../src/evaluation/index.js';
import { nameIn } from '../../src/evaluation/photographs.js';

const root = mkdtempSync(path.join(tmpdir(), 'featinv-photographs-'));
afterAll(() => rmSync(root, { recursive: true }));

const names = ['n02/b.JPEG', 'n02/a.JPEG', 'n01/deep/z.png', 'n01/c.jpg', 'n01/d.jpg', 'loose.jpg'];

beforeAll(() => {
  for (const name of names) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), name);
  }
  writeFileSync(path.join(root, 'n01', 'notes.txt'), '');
});

const chosen = async (options = {}): Promise<string[]> =>
  (await choosePhotographs(root, options)).files.map((file) => nameIn(root, file));

describe('choosePhotographs', () => {
  it('takes all pictures in sorted order', async () => {
    expect(await chosen()).toEqual([...names].sort());
    expect(await chosen({ limit: 2 })).toEqual(['loose.jpg', 'n01/c.jpg']);
  });

  it('takes the first of each class folder, sub-folders included, then the limit', async () => {
    expect(await chosen({ perClass: 1 })).toEqual(['n01/c.jpg', 'n02/a.JPEG']);
    expect(await chosen({ perClass: 2 })).toEqual([
      ...['n01/c.jpg', 'n01/d.jpg', 'n02/a.JPEG', 'n02/b.JPEG'],
    ]);
    expect(await chosen({ perClass: 2, limit: 3 })).toHaveLength(3);
  });

  it('says when there are no class folders', async () => {
    await expect(choosePhotographs(path.join(root, 'n02'), { perClass: 1 })).rejects.toThrow(
      /--per-class needs one folder for each class below .*n02/,
    );
  });

  it('knows a set again wherever it lies, and notices another one', async () => {
    const copy = mkdtempSync(path.join(tmpdir(), 'featinv-photographs-'));
    try {
      writeFileSync(path.join(copy, 'a.JPEG'), 'n02/a.JPEG');
      writeFileSync(path.join(copy, 'b.JPEG'), 'n02/b.JPEG');
      const first = await fingerprint(await choosePhotographs(path.join(root, 'n02')));
      expect(await fingerprint(await choosePhotographs(copy))).toBe(first);
      writeFileSync(path.join(copy, 'b.JPEG'), 'another size');
      expect(await fingerprint(await choosePhotographs(copy))).not.toBe(first);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
