import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  authorsPreprocessing,
  cropPhotograph,
  timmCatalogue,
  type Preprocessing,
} from '../../src/backbones/index.js';
import { readImage } from '../../src/images/read-image.js';
import { packageRoot } from '../../src/package-root.js';
import { plain } from '../images/pictures.js';
import { readTimmFixture } from './timm-reference.js';

/** A photograph as timm or the authors of FeatInv cut it, with Pillow and torchvision. */
interface Case {
  readonly photo: string;
  readonly name: string;
  readonly preprocessing: 'own' | 'featinv';
  readonly size: number;
  /** Rows whose pixels are kept. */
  readonly rows: readonly number[];
  /** Of all pixels of the square, 0..255. */
  readonly mean: number;
  /** Base64 of RGB bytes. */
  readonly pixels: string;
}

const settings = ({ name, preprocessing }: Case): Preprocessing => {
  const own = timmCatalogue.get(name)!.preprocessing;
  return preprocessing === 'own' ? own : authorsPreprocessing(own);
};

describe('cropPhotograph', () => {
  it.each(readTimmFixture<Case[]>('preprocessing.json'))(
    "cuts Pillow's pixels: $photo for $name, $preprocessing",
    async (fixture) => {
      const image = await readImage(path.join(packageRoot(), 'photos', fixture.photo));
      const { data, width, height } = cropPhotograph(image, settings(fixture));
      expect([width, height]).toEqual([fixture.size, fixture.size]);
      const expected = Buffer.from(fixture.pixels, 'base64');
      const found = fixture.rows.flatMap((y) => [
        ...data.subarray(y * width * 3, (y + 1) * width * 3),
      ]);
      const errors = found.map((value, i) => Math.abs(value - expected[i]!));
      expect(found).toHaveLength(expected.length);
      expect(Math.max(...errors)).toBeLessThanOrEqual(1);
      expect(errors.reduce((a, b) => a + b, 0) / errors.length).toBeLessThan(0.1);
      const mean = data.reduce((a, b) => a + b, 0) / data.length;
      expect(Math.abs(mean - fixture.mean)).toBeLessThan(0.05);
    },
  );

  it('enlarges a small picture to the whole input', () => {
    const square = cropPhotograph(plain(40, 31, [10, 20, 30]), {
      ...timmCatalogue.get('resnet50.tv_in1k')!.preprocessing,
      size: 64,
    });
    expect(square).toEqual(plain(64, 64, [10, 20, 30]));
  });
});
