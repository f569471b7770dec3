/** What users wait for: looking at pictures, reconstructing them, and the first result of a process. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { listBackbones } from '../src/backbones/index.js';
import { FeatureExtractor } from '../src/inversion/feature-extractor.js';
import { loadInverter } from '../src/inversion/inverter.js';
import { packageRoot } from '../src/package-root.js';
import { budget, describe, type BenchOptions, type Measurement } from './measurement.js';
import { measure, summariseTimes } from './statistics.js';

/** Pictures sampled together. */
const BATCH = 8;
const SIZE = 64;

export async function benchInference(options: BenchOptions): Promise<Measurement[]> {
  const { threads } = options;
  const results: Measurement[] = [];
  for (const { id, defaultLayer } of await listBackbones()) {
    const extractor = await FeatureExtractor.open(id, defaultLayer, SIZE, { threads });
    const images = new Float32Array(16 * 3 * SIZE * SIZE);
    const timing = await measure(() => extractor.run(images), budget(options));
    results.push(describe(`features ${id}, batch 16`, timing, { images: 16 }));
    await extractor.dispose();
  }
  const inverter = await loadInverter(undefined, { threads });
  const photograph = path.join(packageRoot(), 'photos', 'cat.jpg');
  const { data } = await inverter.features(photograph);
  const maps = Array.from({ length: BATCH }, () => data);
  const seeds = maps.map((_, i) => i);
  const { steps } = inverter.config.sampling;
  const timing = await measure(() => inverter.sample(maps, seeds), {
    ...budget(options),
    runs: options.quick ? 2 : 5,
  });
  const name = `reconstruct ${inverter.config.name}, batch ${BATCH}, ${steps} steps`;
  results.push(describe(name, timing, { images: BATCH }));
  await inverter.dispose();
  results.push(firstReconstruction(photograph, options));
  return results;
}

/** From the start of a process to its end, with one picture reconstructed. */
function firstReconstruction(photograph: string, { quick, threads }: BenchOptions): Measurement {
  const out = mkdtempSync(path.join(os.tmpdir(), 'featinv-bench-'));
  const command = path.join(packageRoot(), 'dist', 'cli', 'main.js');
  const more = threads === undefined ? [] : ['--threads', String(threads)];
  const times = Array.from({ length: quick ? 1 : 5 }, () => {
    const started = performance.now();
    const args = [command, 'reconstruct', photograph, '--out', out, ...more];
    execFileSync(process.execPath, args, { stdio: 'ignore' });
    return performance.now() - started;
  });
  rmSync(out, { recursive: true, force: true });
  return describe('process start to first reconstruction', summariseTimes(times), { images: 1 });
}
