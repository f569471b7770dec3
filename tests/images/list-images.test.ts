import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { listImages } from '../../src/images/list-images.js';
import { temporaryFolder } from './pictures.js';

const at = temporaryFolder();

describe('listImages', () => {
  beforeEach(async () => {
    await mkdir(at('b', 'deep'), { recursive: true });
    await mkdir(at('folder.jpg'));
    const files = ['z.png', 'a.JPEG', 'b/2.webp', 'b/10.tif', 'b/deep/x.avif', 'notes.txt', 'png'];
    for (const file of files) await writeFile(at(file), '');
  });

  it('finds pictures in sub-folders, sorted by path', async () => {
    const expected = ['a.JPEG', 'b/10.tif', 'b/2.webp', 'b/deep/x.avif', 'z.png'];
    expect(await listImages(at())).toEqual(expected.map((file) => at(file)));
  });

  it('keeps a broken link, so that reading it names it', async () => {
    await symlink('nowhere', at('b', 'deep', 'link.png'));
    expect(await listImages(at('b', 'deep'))).toEqual([
      at('b', 'deep', 'link.png'),
      at('b', 'deep', 'x.avif'),
    ]);
  });

  it('takes a file for itself, whatever its name', async () => {
    expect(await listImages(at('notes.txt'))).toEqual([at('notes.txt')]);
  });

  it('refuses a folder without pictures', async () => {
    await expect(listImages(at('folder.jpg'))).rejects.toEqual(
      new InputError(
        `${at('folder.jpg')} holds no pictures; JPEG, PNG, WebP, GIF, TIFF and AVIF are read`,
      ),
    );
  });

  it('refuses what does not exist or cannot be read', async () => {
    await expect(listImages(at('none'))).rejects.toEqual(
      new InputError(`${at('none')} does not exist; give a picture or a folder`),
    );
    await expect(listImages(at('z.png', 'inside'))).rejects.toEqual(
      new InputError(
        `${at('z.png', 'inside')} cannot be read: a part of the path is a file, not a directory; ` +
          'give a picture or a folder',
      ),
    );
  });
});
