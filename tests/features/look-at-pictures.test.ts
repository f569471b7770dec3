import { expect, it } from 'vitest';
import type { BackboneSession } from '../../src/backbones/index.js';
import { InputError } from '../../src/errors.js';
import { lookAtPictures } from '../../src/features/look-at-pictures.js';
import type { PictureReader } from '../../src/features/picture-reader.js';

const BATCH = 4;
const COUNT = 500;

/** A classifier whose map of a picture is the picture. */
const session: BackboneSession = {
  layer: { name: 'same', shape: [3, 1, 1] },
  run: (images) => Promise.resolve({ map: images, logits: images }),
  dispose: () => Promise.resolve(),
};

it('holds three batches at most, and answers in order however long each picture takes', async () => {
  let held = 0;
  let most = 0;
  const reader: PictureReader = {
    hash: ({ name }) => Promise.resolve(name),
    async prepare({ name }) {
      most = Math.max(most, ++held);
      const number = Number(name);
      await new Promise((resolve) => setTimeout(resolve, number % 7 === 0 ? 3 : 0));
      if (number % 50 === 49) throw new InputError(`${name} is none`);
      return { sha256: name, pixels: new Float32Array(3).fill(number), label: undefined };
    },
    close: () => Promise.resolve(),
  };
  const entries = Array.from({ length: COUNT }, (_, i) => ({ name: String(i), file: String(i) }));
  const isKnown = (sha256: string): Promise<boolean> => Promise.resolve(Number(sha256) % 3 === 0);
  let next = 0;
  for await (const seen of lookAtPictures(entries, reader, session, { batch: BATCH, isKnown })) {
    expect(seen.entry.name).toBe(String(next));
    const state = next % 3 === 0 ? 'known' : next % 50 === 49 ? 'unreadable' : 'new';
    expect(seen.state).toBe(state);
    if (seen.state === 'new') expect([...seen.features.map]).toEqual([next, next, next]);
    if (seen.state !== 'known') held--;
    next++;
  }
  expect(next).toBe(COUNT);
  expect(most).toBeGreaterThan(BATCH);
  expect(most).toBeLessThanOrEqual(3 * BATCH + BATCH);
});

it('passes on what goes wrong beyond the pictures', async () => {
  const reader: PictureReader = {
    hash: ({ name }) => Promise.resolve(name),
    prepare: () => Promise.reject(new Error('the thread is gone')),
    close: () => Promise.resolve(),
  };
  const entries = [{ name: 'a', file: 'a' }];
  const all = async (): Promise<void> => {
    for await (const seen of lookAtPictures(entries, reader, session, { batch: 1 })) {
      expect.unreachable(seen.state);
    }
  };
  await expect(all()).rejects.toThrow('the thread is gone');
});
