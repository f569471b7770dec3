import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../../../src/images/rgb-image.js';
import { Random } from '../../../src/random.js';
import {
  corrupt,
  CORRUPTION_KINDS,
  CORRUPTIONS,
  SEVERITIES,
  type CorruptionKind,
  type Severity,
} from '../../../src/robustness/corruptions/index.js';

function picture(width: number, height: number): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return 128 + 100 * Math.sin(x / 5 + (i % 3)) * Math.cos(y / 7);
  });
  return { width, height, data };
}

const DETERMINISTIC = new Set<CorruptionKind>([
  'brightness',
  'contrast',
  'saturate',
  'pixelate',
  'gaussian_blur',
  'defocus_blur',
  'zoom_blur',
  'jpeg_compression',
]);

describe('corrupt', () => {
  it('knows the fifteen kinds of the benchmark and four more', () => {
    const extra = CORRUPTIONS.filter(({ group }) => group === 'extra').map(({ kind }) => kind);
    expect(extra).toEqual(['speckle_noise', 'gaussian_blur', 'spatter', 'saturate']);
    expect(new Set(CORRUPTION_KINDS).size).toBe(19);
  });

  it.each(CORRUPTION_KINDS)('gives the same for a seed and leaves its input: %s', async (kind) => {
    const image = picture(47, 36);
    const before = image.data.slice();
    const [first, again, other] = await Promise.all(
      [1, 1, 2].map((seed) => corrupt(image, kind, 3, { seed })),
    );
    expect(image.data).toEqual(before);
    expect(first).toEqual(again);
    expect(first!.data).not.toEqual(before);
    if (DETERMINISTIC.has(kind)) expect(other).toEqual(first);
    else expect(other).not.toEqual(first);
  });

  it('takes pictures of any size from 32 pixels on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 32, max: 90 }),
        fc.integer({ min: 32, max: 90 }),
        fc.constantFrom(...CORRUPTION_KINDS),
        fc.constantFrom(...SEVERITIES),
        async (width, height, kind, severity) => {
          const result = await corrupt(picture(width, height), kind, severity);
          expect([result.width, result.height]).toEqual([width, height]);
          expect(result.data).toHaveLength(width * height * 3);
        },
      ),
      { numRuns: 95 },
    );
  });

  it('changes a picture the more the higher the severity', async () => {
    const image = picture(64, 64);
    for (const kind of [
      'gaussian_noise',
      'impulse_noise',
      'defocus_blur',
      'contrast',
      'pixelate',
    ] as const) {
      const distances: number[] = [];
      for (const severity of SEVERITIES) {
        const { data } = await corrupt(image, kind, severity);
        distances.push(data.reduce((sum, value, i) => sum + (value - image.data[i]!) ** 2, 0));
      }
      expect(distances, kind).toEqual([...distances].sort((a, b) => a - b));
    }
  });

  it('keeps a picture on which no drop falls', async () => {
    const image = picture(32, 32);
    class Dry extends Random {
      override normal(): number {
        return -1;
      }
    }
    const { apply } = CORRUPTIONS.find(({ kind }) => kind === 'spatter')!;
    expect(await apply(image, 1, new Dry(0))).toEqual(image);
  });

  it('says what is wrong', async () => {
    const image = picture(40, 31);
    await expect(corrupt(image, 'fog', 1)).rejects.toThrow(
      'the picture has 40x31 pixels; corruptions need at least 32 on each side',
    );
    await expect(corrupt(picture(40, 40), 'fogg' as CorruptionKind, 1)).rejects.toThrow(
      'no corruption is called "fogg"; did you mean fog?',
    );
    await expect(corrupt(picture(40, 40), 'fog', 6 as Severity)).rejects.toThrow(
      'severity must be one of 1, 2, 3, 4, 5, got 6',
    );
    await expect(corrupt(picture(40, 40), 'frost', 1, { frostTextures: [] })).rejects.toThrow(
      'frostTextures must hold at least one picture',
    );
  });
});
