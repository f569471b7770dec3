/**
 * Every kind against the package imagecorruptions 1.1.2, pixel by pixel: on a square and an oblong picture
 * where the result is settled, with the same scripted numbers where chance decides. Results are equal but
 * for motion_blur, in which sums in another order leave a level of difference in few values.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { RgbImage } from '../../../src/images/rgb-image.js';
import {
  CORRUPTION_KINDS,
  CORRUPTIONS,
  SEVERITIES,
} from '../../../src/robustness/corruptions/index.js';
import { fixturePicture, packageOutputs, type PackageOutputs } from './package-outputs.js';
import { ScriptedRandom } from './scripted-random.js';

/** Largest share of the values that may differ, by one level. */
const TOLERATED_SHARE = { motion_blur: 0.001 } as Readonly<Record<string, number>>;

const fixture: Record<string, { image: RgbImage; outputs: PackageOutputs }> = {};
let ice: RgbImage;

beforeAll(async () => {
  for (const name of ['square', 'wide'] as const) {
    fixture[name] = { image: await fixturePicture(name), outputs: await packageOutputs(name) };
  }
  ice = await fixturePicture('texture');
});

describe('corruptions', () => {
  it('are all in the fixture', () => {
    expect([...fixture.wide!.outputs.kinds].sort()).toEqual([...CORRUPTION_KINDS].sort());
  });

  it.each(CORRUPTIONS)('are those of the package: $kind', async ({ kind, apply }) => {
    for (const { image, outputs } of Object.values(fixture)) {
      if (!outputs.kinds.includes(kind)) continue;
      for (const severity of SEVERITIES) {
        const random = new ScriptedRandom();
        const result = await apply(image, severity, random, { frostTextures: [ice] });
        const differences = compare(result, outputs.output(kind, severity));
        expect(differences.largest, `severity ${severity}`).toBeLessThanOrEqual(
          kind in TOLERATED_SHARE ? 1 : 0,
        );
        expect(differences.share).toBeLessThanOrEqual(TOLERATED_SHARE[kind] ?? 0);
      }
    }
  });
});

function compare(a: RgbImage, b: RgbImage): { largest: number; share: number } {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  const differences = Array.from(a.data, (value, i) => Math.abs(value - b.data[i]!));
  return {
    largest: Math.max(...differences),
    share: differences.filter((difference) => difference > 0).length / differences.length,
  };
}
