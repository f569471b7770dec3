import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { animationFormat, writeAnimation } from '../../src/images/animation.js';
import { blobs } from '../inversion/micro-models.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'featinv-animation-'));
});

afterAll(() => rm(directory, { recursive: true }));

const pictures = [0, 1, 2, 3].map((seed) => blobs(seed, 32, 32));

describe('writeAnimation', () => {
  it.each(['gif', 'webp'])(
    'writes %s with every frame and its time, the same each time',
    async (ending) => {
      const file = path.join(directory, `tour.${ending}`);
      const options = { rate: 10, side: 64, thereAndBack: false };
      await writeAnimation(file, pictures, options);
      const { pages, delay, loop, width, pageHeight } = await sharp(file, {
        animated: true,
      }).metadata();
      expect({ pages, delay, loop, width, pageHeight }).toEqual({
        pages: 4,
        delay: [100, 100, 100, 100],
        loop: 0,
        width: 64,
        pageHeight: 64,
      });
      const again = path.join(directory, `again.${ending}`);
      await writeAnimation(again, pictures, options);
      expect(await readFile(again)).toEqual(await readFile(file));
    },
  );

  it('goes there and back without showing the ends twice', async () => {
    const file = path.join(directory, 'back.gif');
    await writeAnimation(file, pictures, { rate: 5, side: 32, thereAndBack: true });
    const { pages, delay } = await sharp(file, { animated: true }).metadata();
    expect(pages).toBe(6);
    expect(delay![0]).toBe(200);
  });

  it('says which endings there are', () => {
    expect(animationFormat('A.GIF')).toBe('gif');
    expect(() => animationFormat('tour.mp4')).toThrow(
      'tour.mp4: an animation is written as .gif or .webp',
    );
  });
});
