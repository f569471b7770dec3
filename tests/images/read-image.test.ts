import { mkdir, symlink, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { decodeImage, readImage } from '../../src/images/read-image.js';
import {
  largestDifference,
  paint,
  pixel,
  plain,
  temporaryFolder,
  textured,
  toSharp,
} from './pictures.js';

const at = temporaryFolder();
const orange = plain(32, 24, [200, 100, 50]);
const picture = textured(64, 48);

async function refusal(bytes: Uint8Array): Promise<Error> {
  return decodeImage(bytes, 'a.jpg').then(
    () => new Error('it was read'),
    (error: unknown) => error as Error,
  );
}

describe('what readImage converts', () => {
  it.each(['png', 'tiff', 'webp'] as const)('reads %s without loss', async (format) => {
    const options = format === 'webp' ? { lossless: true } : { compression: 'lzw' };
    const bytes = await toSharp(picture).toFormat(format, options).toBuffer();
    expect(await decodeImage(bytes, 'a')).toEqual(picture);
  });

  it.each(['jpeg', 'gif', 'avif'] as const)('reads %s', async (format) => {
    const image = await decodeImage(await toSharp(orange).toFormat(format).toBuffer(), 'a');
    expect(largestDifference(image.data, orange.data)).toBeLessThanOrEqual(4);
  });

  it('reads a palette', async () => {
    const bytes = await toSharp(orange).png({ palette: true }).toBuffer();
    expect((await sharp(bytes).metadata()).isPalette).toBe(true);
    expect(await decodeImage(bytes, 'a')).toEqual(orange);
  });

  it.each([
    ['without a profile', false],
    ['with a profile', true],
  ])('reads CMYK %s', async (_, profile) => {
    const cmyk = toSharp(orange).toColourspace('cmyk');
    const bytes = await (profile ? cmyk.withIccProfile('cmyk') : cmyk)
      .jpeg({ quality: 100 })
      .toBuffer();
    expect(await sharp(bytes).metadata()).toMatchObject({ space: 'cmyk', hasProfile: profile });
    const image = await decodeImage(bytes, 'a');
    // Print colours are fewer, so blue moves most.
    expect(largestDifference(image.data, orange.data)).toBeLessThan(32);
  });

  it('reads 16 bits as 8', async () => {
    const bytes = await toSharp(picture).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    expect(await decodeImage(bytes, 'a')).toEqual(picture);
  });

  it.each(['b-w', 'grey16'])('gives grey (%s) three equal channels', async (space) => {
    const grey = paint(40, 20, (x, y) => [x * 6, x * 6, x * 6].map((v) => v + y) as never);
    const bytes = await toSharp(grey).toColourspace(space).png().toBuffer();
    expect((await sharp(bytes).metadata()).channels).toBe(1);
    const image = await decodeImage(bytes, 'a');
    expect([image.width, image.height]).toEqual([40, 20]);
    expect(largestDifference(image.data, grey.data)).toBeLessThanOrEqual(1);
  });

  it('lays grey with alpha over white', async () => {
    const raw = Buffer.alloc(32 * 16 * 2, Uint8Array.of(40, 255));
    raw[1] = 0;
    raw[3] = 128;
    const bytes = await sharp(raw, { raw: { width: 32, height: 16, channels: 2 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect((await sharp(bytes).metadata()).channels).toBe(2);
    const image = await decodeImage(bytes, 'a');
    expect(pixel(image, 0, 0)).toEqual([255, 255, 255]);
    expect(pixel(image, 1, 0)[0]).toBeCloseTo(255 - (128 / 255) * 215, -0.5);
    expect(pixel(image, 2, 0)).toEqual([40, 40, 40]);
  });

  it.each([
    ['PNG', 'png', {}],
    ['palette PNG', 'png', { palette: true }],
    ['WebP', 'webp', { lossless: true }],
  ] as const)('lays %s with alpha over white', async (_, format, options) => {
    const background = { r: 200, g: 100, b: 50, alpha: 0 };
    const empty = sharp({ create: { width: 32, height: 24, channels: 4, background } });
    const clear = await decodeImage(await empty.toFormat(format, options).toBuffer(), 'a');
    expect(clear).toEqual(plain(32, 24, [255, 255, 255]));
    const half = sharp({
      create: { width: 32, height: 24, channels: 4, background: { ...background, alpha: 0.5 } },
    });
    const mixed = await decodeImage(await half.toFormat(format, options).toBuffer(), 'a');
    expect(largestDifference(mixed.data, plain(32, 24, [227, 177, 152]).data)).toBeLessThan(3);
  });

  it.each(['gif', 'webp'] as const)('takes the first frame of an animated %s', async (format) => {
    const frames = paint(32, 48, (_, y) => (y < 24 ? [250, 250, 250] : [0, 0, 0]));
    const bytes = await sharp(frames.data, {
      raw: { width: 32, height: 48, channels: 3, pageHeight: 24 },
    })
      .toFormat(format, { loop: 0, delay: [100, 100] })
      .toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    const image = await decodeImage(bytes, 'a');
    expect([image.width, image.height]).toEqual([32, 24]);
    expect(largestDifference(image.data, plain(32, 24, [250, 250, 250]).data)).toBeLessThan(4);
  });

  it('turns a picture as its EXIF orientation says', async () => {
    // Orientation 6: the camera was turned, so the stored left edge is the top edge.
    const stored = paint(60, 40, (x, y) => [x < 30 ? 255 : 0, y < 20 ? 255 : 0, 0]);
    const bytes = await toSharp(stored).withMetadata({ orientation: 6 }).png().toBuffer();
    const image = await decodeImage(bytes, 'a');
    expect([image.width, image.height]).toEqual([40, 60]);
    for (let y = 0; y < 40; y++) {
      for (let x = 0; x < 60; x++) {
        expect(pixel(image, 39 - y, x)).toEqual(pixel(stored, x, y));
      }
    }
  });
});

describe('what readImage refuses', () => {
  const kinds = 'JPEG, PNG, WebP, GIF, TIFF and AVIF are read';

  it.each([
    ['text', Buffer.from('not a picture at all')],
    ['one byte', Uint8Array.of(0xff)],
    ['a BMP', Buffer.concat([Buffer.from('BM'), Buffer.alloc(100)])],
    ['a PNG signature alone', Buffer.from('89504e470d0a1a0a', 'hex')],
  ])('%s', async (_, bytes) => {
    const error = await refusal(bytes);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(
      new RegExp(String.raw`^a\.jpg cannot be read as a picture \(.*\w\); ${kinds}$`),
    );
  });

  it('nothing', async () => {
    expect(await refusal(new Uint8Array())).toEqual(
      new InputError('a.jpg is empty; give a picture'),
    );
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
    'a truncated %s',
    async (format) => {
      const whole = await toSharp(picture).toFormat(format).toBuffer();
      for (const share of [0.05, 0.3, 0.6, 0.9]) {
        const error = await refusal(whole.subarray(0, Math.floor(whole.length * share)));
        expect(error).toBeInstanceOf(InputError);
        expect(error.message).toMatch(/^a\.jpg cannot be read as a picture/);
      }
    },
  );

  it.each([
    [1, 1],
    [15, 400],
    [400, 15],
  ])('%ix%i pixels', async (width, height) => {
    const bytes = await toSharp(plain(width, height, [1, 2, 3]))
      .png()
      .toBuffer();
    expect(await refusal(bytes)).toEqual(
      new InputError(`a.jpg has ${width}x${height} pixels; at least 16 on each side are needed`),
    );
  });

  it('reads 16x16 pixels, which is the least', async () => {
    const bytes = await toSharp(plain(16, 16, [1, 2, 3]))
      .png()
      .toBuffer();
    expect(await decodeImage(bytes, 'a')).toEqual(plain(16, 16, [1, 2, 3]));
  });

  // Headers of 20,000x20,000 pixels with hardly anything behind them.
  const png =
    '89504e470d0a1a0a0000000d4948445200004e2000004e2008020000006c12d16e000000104944415478da';
  const jpeg =
    `ffd8ffe000104a46494600010100000100010000ffdb004300${'01'.repeat(64)}` +
    'ffc0000b08' +
    '4e204e20' +
    `01011100ffc4001400${'01'}${'00'.repeat(15)}00ffda0008010100003f00`;
  it.each([
    ['PNG', png],
    ['JPEG', jpeg],
  ])('a %s header that promises 400 megapixels', async (_, hex) => {
    const before = process.memoryUsage().rss;
    const error = await refusal(Buffer.from(hex, 'hex'));
    expect(error).toEqual(
      new InputError('a.jpg has 20000x20000 pixels; pictures of at most 100 megapixels are read'),
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });
});

describe('damage inside a JPEG', () => {
  it('gives a picture of the right size or an InputError', async () => {
    const whole = await toSharp(picture).jpeg().toBuffer();
    for (let start = 630; start < whole.length - 30; start += 97) {
      const bytes = Buffer.from(whole);
      for (let i = start; i < start + 20; i++) bytes[i]! ^= 0x55;
      const outcome = await decodeImage(bytes, 'a').catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(InputError);
      else expect(outcome).toMatchObject({ width: 64, height: 48 });
    }
  });
});

describe('paths', () => {
  it('reads a file', async () => {
    await writeFile(at('a.png'), await toSharp(picture).png().toBuffer());
    expect(await readImage(at('a.png'))).toEqual(picture);
  });

  it('names a missing file', async () => {
    await expect(readImage(at('none.png'))).rejects.toEqual(
      new InputError(`${at('none.png')} does not exist; give a picture`),
    );
  });

  it('refuses a folder', async () => {
    await mkdir(at('folder.png'));
    await expect(readImage(at('folder.png'))).rejects.toEqual(
      new InputError(`${at('folder.png')} is a folder; give a picture`),
    );
  });

  it('names an empty file and a file that is no picture', async () => {
    await writeFile(at('empty.png'), '');
    await expect(readImage(at('empty.png'))).rejects.toEqual(
      new InputError(`${at('empty.png')} is empty; give a picture`),
    );
    await writeFile(at('text.png'), 'text');
    await expect(readImage(at('text.png'))).rejects.toThrow(
      `${at('text.png')} cannot be read as a picture (unsupported image format)`,
    );
  });

  it('says why a path cannot be read', async () => {
    await writeFile(at('file'), '');
    await expect(readImage(at('file', 'a.png'))).rejects.toThrow(
      new InputError(
        `${at('file', 'a.png')} cannot be read: a part of the path is a file, not a directory; give a picture`,
      ),
    );
    await symlink('loop.png', at('loop.png'));
    await expect(readImage(at('loop.png'))).rejects.toThrow(InputError);
    await expect(readImage('nul\0.png')).rejects.toThrow(InputError);
  });
});
