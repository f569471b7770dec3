import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeImage, readImage } from '../../../src/images/read-image.js';
import type { RgbImage } from '../../../src/images/rgb-image.js';
import { packageRoot } from '../../../src/package-root.js';
import type { CorruptionKind, Severity } from '../../../src/robustness/corruptions/index.js';

export const FIXTURES = path.join(packageRoot(), 'tests', 'fixtures', 'corruptions');

export const fixturePicture = (name: string): Promise<RgbImage> =>
  readImage(path.join(FIXTURES, `${name}.png`));

/** What the package imagecorruptions made of a picture of the fixture (reference/corruptions). */
export interface PackageOutputs {
  readonly kinds: readonly CorruptionKind[];
  readonly output: (kind: CorruptionKind, severity: Severity) => RgbImage;
}

export async function packageOutputs(name: 'square' | 'wide'): Promise<PackageOutputs> {
  const { width, height } = await fixturePicture(name);
  const file = path.join(FIXTURES, `${name}.outputs.png`);
  const sheet = await decodeImage(readFileSync(file), file);
  const rows = JSON.parse(readFileSync(path.join(FIXTURES, 'outputs.json'), 'utf8')) as Record<
    string,
    CorruptionKind[]
  >;
  const kinds = rows[name]!;
  const output = (kind: CorruptionKind, severity: Severity): RgbImage => {
    const data = new Uint8Array(width * height * 3);
    const top = kinds.indexOf(kind) * height;
    for (let y = 0; y < height; y++) {
      const from = ((top + y) * sheet.width + (severity - 1) * width) * 3;
      data.set(sheet.data.subarray(from, from + width * 3), y * width * 3);
    }
    return { width, height, data };
  };
  return { kinds, output };
}
