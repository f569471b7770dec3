/**
 * Checkpoints of full size with weights from a hash of their names, made once: the released ones need a
 * download and compute no faster. 5.7 GB of Stable Diffusion v1 with a ControlNet, half as much again in float16,
 * 0.8 GB of classifiers.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { outlineOf } from '../src/backbones/expected-tensors.js';
import { timmCatalogue } from '../src/backbones/index.js';
import { convertCheckpoint } from '../src/checkpoints/convert-checkpoint.js';
import { openSafetensors, writeSafetensors } from '../src/checkpoints/safetensors.js';
import { packageRoot } from '../src/package-root.js';
import { fullModel } from '../tests/diffusion/sd1/hashed-models.js';
import { originalTensors, textEncoderTensors } from '../tests/diffusion/sd1/original-names.js';
import { writeHashedCheckpoint } from '../tests/diffusion/sd1/write-hashed-checkpoint.js';
import { hashWeights } from '../tests/support/hash-weights.js';

/** How a file holds floating-point weights. */
export type WeightStorage = 'float32' | 'float16';

/** The file of a timm backbone's weights. */
export async function backboneWeights(name: string): Promise<string> {
  return cached(name, async (file) => {
    const { architecture, preprocessing } = timmCatalogue.get(name)!;
    const { tensors } = outlineOf(architecture.family, preprocessing.size);
    await writeSafetensors(file, hashWeights(tensors));
  });
}

/** An original checkpoint of UNet, autoencoder, text encoder and a ControlNet for 1024 channels. */
export async function stableDiffusionWeights(storage: WeightStorage = 'float32'): Promise<string> {
  const whole = await cached('stable-diffusion-v1', async (file) => {
    writeHashedCheckpoint(file, [...originalTensors(fullModel), ...textEncoderTensors()]);
  });
  if (storage === 'float32') return whole;
  return cached('stable-diffusion-v1-float16', (file) =>
    convertCheckpoint(openSafetensors(whole), file, { dtype: 'F16' }),
  );
}

async function cached(name: string, make: (file: string) => Promise<void>): Promise<string> {
  const folder = path.join(packageRoot(), '.cache', 'bench-weights');
  const file = path.join(folder, `${name}.safetensors`);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  process.stderr.write(`  making ${file}, once\n`);
  const partial = `${file}.${process.pid}.partial`;
  await make(partial);
  renameSync(partial, file);
  return file;
}
