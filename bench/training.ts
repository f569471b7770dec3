/** Forward and backward pass of one micro-batch, crops included, as the shipped models were trained. */
import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { writePng } from '../src/images/png.js';
import { parseTrainingConfig } from '../src/inversion/training-tasks.js';
import { packageRoot } from '../src/package-root.js';
import { Random } from '../src/random.js';
import { budget, describe, type BenchOptions, type Measurement } from './measurement.js';
import { measure } from './statistics.js';

const RUNS = ['autoencoder', 'denoiser', 'lite0-14x14', 'lite0-7x7'];

export async function benchTraining(options: BenchOptions): Promise<Measurement[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'featinv-bench-'));
  try {
    const photographs = path.join(folder, 'photographs');
    await mkdir(photographs);
    for (let i = 0; i < 4; i++) await writeNoise(path.join(photographs, `${i}.png`), i);
    const results: Measurement[] = [];
    for (const run of options.quick ? RUNS.slice(2, 3) : RUNS) {
      results.push(await benchRun(run, photographs, options));
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The run's own configuration on synthetic pictures and the shipped base. */
async function benchRun(
  run: string,
  photographs: string,
  options: BenchOptions,
): Promise<Measurement> {
  const file = path.join(packageRoot(), 'training', `${run}.json`);
  const stored = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  delete stored['startFrom'];
  const config = await parseTrainingConfig(
    {
      ...stored,
      ...('base' in stored ? { base: path.join(packageRoot(), 'models', 'bases', 'tiny') } : {}),
      data: { photographs, heldOut: photographs, validationCrops: 2 },
    },
    file,
  );
  const { batchSize, seed, recompute } = config.trainer;
  const { threads } = options;
  const task = await config.open({
    batchSize,
    seed,
    recompute,
    session: { threads },
    record: () => ({}),
  });
  const random = new Random(seed);
  const timing = await measure(() => task.gradients(random), budget(options));
  return describe(`training step ${run}, batch ${batchSize}`, timing, {
    images: batchSize,
    ...(task.flops === undefined ? {} : { flops: task.flops }),
  });
}

async function writeNoise(file: string, seed: number): Promise<void> {
  const random = new Random(seed);
  const data = Uint8Array.from({ length: 128 * 128 * 3 }, () => random.int(256));
  await writePng(file, { width: 128, height: 128, data });
}
