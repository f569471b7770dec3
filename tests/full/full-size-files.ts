/** Stable Diffusion v1 with FeatInv's ControlNet, and ConvNeXt-B, at full size with hashed weights: 6 GB on the disk. */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { outlineOf } from '../../src/backbones/expected-tensors.js';
import { timmCatalogue } from '../../src/backbones/index.js';
import { packageRoot } from '../../src/package-root.js';
import { fullModel } from '../diffusion/sd1/hashed-models.js';
import {
  originalTensors,
  textEncoderTensors,
  type OriginalTensor,
} from '../diffusion/sd1/original-names.js';
import { writeHashedCheckpoint } from '../diffusion/sd1/write-hashed-checkpoint.js';

const BACKBONE = 'convnext_base.fb_in22k_ft_in1k';
const PHOTOS = ['astronaut.jpg', 'cat.jpg'];

export interface FullSizeFiles {
  readonly folder: string;
  readonly base: string;
  /** NAME=FILE */
  readonly backbone: string;
  readonly pictures: readonly [string, string];
  remove(): Promise<void>;
}

/**
 * Writes the files into a temporary folder, or what is missing of them into $FEATINV_TEST_SD1, where they stay for
 * the next run.
 */
export async function writeFullSizeFiles(): Promise<FullSizeFiles> {
  const kept = process.env['FEATINV_TEST_SD1'];
  const folder = await mkdtemp(path.join(tmpdir(), 'featinv-full-'));
  const weights = kept ?? folder;
  const base = path.join(weights, 'miniSD.safetensors');
  const backbone = path.join(weights, `${BACKBONE}.safetensors`);
  await writeOnce(base, [...originalTensors(fullModel), ...textEncoderTensors()]);
  await writeOnce(backbone, backboneTensors());
  const pictures = path.join(folder, 'pictures');
  await mkdir(pictures);
  for (const name of PHOTOS) {
    await cp(path.join(packageRoot(), 'photos', name), path.join(pictures, name));
  }
  const [first, second] = PHOTOS.map((name) => path.join(pictures, name)) as [string, string];
  return {
    ...{ folder, base, backbone: `${BACKBONE}=${backbone}`, pictures: [first, second] },
    remove: () => rm(folder, { recursive: true }),
  };
}

async function writeOnce(file: string, tensors: readonly OriginalTensor[]): Promise<void> {
  if (existsSync(file)) return;
  await rm(`${file}.part`, { force: true });
  writeHashedCheckpoint(`${file}.part`, tensors);
  await rename(`${file}.part`, file);
}

function backboneTensors(): OriginalTensor[] {
  const { architecture } = timmCatalogue.get(BACKBONE)!;
  const { tensors } = outlineOf(architecture.family, 288);
  return [...tensors].map(([name, shape]) => ({ name, shape, hashed: name }));
}
