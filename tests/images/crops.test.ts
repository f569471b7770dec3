import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { CropSampler, heldOutCrops } from '../../src/images/crops.js';
import { listImages } from '../../src/images/list-images.js';
import { readImage } from '../../src/images/read-image.js';
import { centreSquare } from '../../src/images/resize.js';
import { Random } from '../../src/random.js';
import { paint, plain, temporaryFolder, textured, writePicture } from './pictures.js';

const at = temporaryFolder();

const sha256 = (parts: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

function crops(sampler: CropSampler, seed: number, count = 12, size = 32): Uint8Array[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => sampler.sample(random, size));
}

async function writeStamp(file: string, width: number, height: number): Promise<void> {
  const background = { r: 255, g: 0, b: 255, alpha: 1 };
  const stamp = sharp({ create: { width, height, channels: 4, background } });
  await writeFile(file, await stamp.png().toBuffer());
}

beforeEach(async () => {
  await mkdir(at('photographs', 'more'), { recursive: true });
  await mkdir(at('stamps'));
  await writePicture(at('photographs', 'a.png'), textured(160, 120, 1));
  await writePicture(at('photographs', 'b.png'), textured(100, 300, 2));
  await writePicture(at('photographs', 'more', 'c.png'), textured(700, 600, 3));
  await writeStamp(at('stamps', 's.png'), 40, 20);
});

describe('CropSampler', () => {
  const open = () => CropSampler.open({ photographs: at('photographs'), stamps: at('stamps') });

  it('gives the same crops for the same seed and others for another', async () => {
    const sampler = await open();
    expect(sampler.photographs).toBe(3);
    const first = crops(sampler, 1);
    expect(first.every((crop) => crop.length === 32 * 32 * 3)).toBe(true);
    expect(crops(await open(), 1)).toEqual(first);
    expect(crops(sampler, 2)).not.toEqual(first);
    expect(new Set(first.map((crop) => sha256([crop]))).size).toBe(first.length);
  });

  it('continues from a saved random state', async () => {
    const sampler = await open();
    const random = new Random(5);
    sampler.sample(random, 32);
    const resumed = Random.restore(JSON.parse(JSON.stringify(random.state())) as number[]);
    expect(sampler.sample(resumed, 32)).toEqual(sampler.sample(random, 32));
  });

  it('draws the crops that it drew when the released models were trained', async () => {
    expect(sha256(crops(await open(), 7, 40))).toMatchInlineSnapshot(
      `"bda83ebf5dd8aebe98786c1f604465b0b576104cda83e5155b79832d2066a767"`,
    );
  });

  it('mirrors half of the crops and never turns them upside down', async () => {
    await mkdir(at('ramp'));
    await writePicture(
      at('ramp', 'a.png'),
      paint(256, 256, (x, y) => [x, y, 0]),
    );
    const sampler = await CropSampler.open({ photographs: at('ramp') });
    const drawn = crops(sampler, 3, 200, 16);
    const mirrored = drawn.filter((crop) => crop[0]! > crop[15 * 3]!).length;
    expect(mirrored).toBeGreaterThan(70);
    expect(mirrored).toBeLessThan(130);
    expect(drawn.every((crop) => crop[1]! < crop[15 * 16 * 3 + 1]!)).toBe(true);
  });

  it('takes between a quarter and all of the short side', async () => {
    await mkdir(at('ramp'));
    await writePicture(
      at('ramp', 'a.png'),
      paint(256, 256, (x) => [x, 0, 0]),
    );
    const sampler = await CropSampler.open({ photographs: at('ramp') });
    const shares = crops(sampler, 4, 200, 16).map((crop) => {
      return (Math.abs(crop[15 * 3]! - crop[0]!) / 15) * (16 / 256);
    });
    expect(Math.min(...shares)).toBeGreaterThan(0.23);
    expect(Math.max(...shares)).toBeLessThan(1.02);
    expect(Math.max(...shares)).toBeGreaterThan(0.9);
    expect(shares.filter((share) => share > 0.625).length).toBeGreaterThan(100);
  });

  it('pastes cut-outs into about a quarter of the crops', async () => {
    await mkdir(at('grey'));
    await writePicture(at('grey', 'a.png'), plain(128, 128, [90, 90, 90]));
    const options = { photographs: at('grey'), stamps: at('stamps') };
    const isMagenta = (crop: Uint8Array) => crop.includes(255) && crop.includes(0);
    const stamped = crops(await CropSampler.open(options), 6, 200);
    const count = stamped.filter(isMagenta).length;
    expect(count).toBeGreaterThan(30);
    expect(count).toBeLessThan(70);
    const bare = crops(await CropSampler.open({ photographs: at('grey') }), 6, 50);
    expect(bare.every((crop) => crop.every((value) => value === 90))).toBe(true);
  });

  it('leaves crops alone where a cut-out is transparent', async () => {
    await mkdir(at('grey'));
    await mkdir(at('clear'));
    await writePicture(at('grey', 'a.png'), plain(128, 128, [90, 90, 90]));
    const background = { r: 255, g: 0, b: 255, alpha: 0 };
    const clear = sharp({ create: { width: 30, height: 30, channels: 4, background } });
    await writeFile(at('clear', 's.png'), await clear.png().toBuffer());
    const sampler = await CropSampler.open({ photographs: at('grey'), stamps: at('clear') });
    expect(crops(sampler, 1, 30).every((crop) => crop.every((value) => value === 90))).toBe(true);
  });

  it('names the folder that is missing or empty, and the file that is no picture', async () => {
    await expect(CropSampler.open({ photographs: at('none') })).rejects.toThrow(
      new InputError(`${at('none')} does not exist; give a picture or a folder`),
    );
    await writeFile(at('photographs', 'text.jpg'), 'text');
    await expect(open()).rejects.toThrow(`${at('photographs', 'text.jpg')} cannot be read`);
  });
});

describe('heldOutCrops', () => {
  it('gives the same crops for the same seed, the centre square first', async () => {
    const files = await listImages(at('photographs'));
    const first = await heldOutCrops(files, 3, 24, 1);
    expect(first).toHaveLength(9);
    expect(first.every(({ width, height }) => width === 24 && height === 24)).toBe(true);
    expect(await heldOutCrops(files, 3, 24, 1)).toEqual(first);
    const other = await heldOutCrops(files, 3, 24, 2);
    for (const [i, file] of files.entries()) {
      const centre = centreSquare(await readImage(file), 24);
      expect([first[3 * i], other[3 * i]]).toEqual([centre, centre]);
      expect(other[3 * i + 1]).not.toEqual(first[3 * i + 1]);
      expect(first[3 * i + 2]).not.toEqual(first[3 * i + 1]);
    }
  });

  it("does not let a picture's crops depend on how many are asked for or on later pictures", async () => {
    const files = await listImages(at('photographs'));
    const many = await heldOutCrops(files, 4, 24, 1);
    expect(await heldOutCrops(files.slice(0, 2), 2, 24, 1)).toEqual(
      [0, 1, 4, 5].map((place) => many[place]),
    );
  });
});
