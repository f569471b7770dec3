/**
 * `featinv train` on Stable Diffusion v1 at full size, as docs/sd1.md tells: a step, a checkpoint, resuming. Needs
 * 20 GB of memory and 20 GB of disk, and about six minutes.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { buildCli } from '../cli/run-featinv.js';
import { runMeasured } from '../support/run-measured.js';
import { writeFullSizeFiles, type FullSizeFiles } from './full-size-files.js';

vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 1_200_000 });

const MOST_BYTES = 20e9;

let files: FullSizeFiles;
const at = (...parts: string[]): string => path.join(files.folder, ...parts);

beforeAll(async () => {
  buildCli();
  files = await writeFullSizeFiles();
  const shipped = path.join(packageRoot(), 'training', 'sd1-convnext.json');
  const config = JSON.parse(await readFile(shipped, 'utf8')) as Record<string, object>;
  const pictures = path.dirname(files.pictures[0]);
  const few = {
    data: { ...config['data'], photographs: pictures, heldOut: pictures, validationCrops: 2 },
    sampling: { ...config['sampling'], steps: 1 },
    trainer: { ...config['trainer'], steps: 2, accumulation: 1, checkpointEvery: 1 },
  };
  await writeFile(at('train.json'), JSON.stringify({ ...config, ...few }));
});

afterAll(() => files.remove());

async function run(...args: string[]): Promise<string> {
  const { code, stderr, peakBytes, seconds } = await runMeasured(files.folder, args);
  expect(code, stderr).toBe(0);
  console.log(`${args[0]}: ${seconds.toFixed(0)} s, ${(peakBytes / 1e9).toFixed(1)} GB`);
  expect(peakBytes).toBeLessThan(MOST_BYTES);
  const told = Number(/^memory: about ([\d.]+) GB/m.exec(stderr)?.[1] ?? NaN) * 1e9;
  if (args[0] === 'train') expect(Math.abs(told / peakBytes - 1)).toBeLessThan(0.2);
  return stderr;
}

const checkpoint = (name: string, step: number): string =>
  at(name, 'checkpoints', `step-00000${step}`);

async function hashes(name: string): Promise<unknown> {
  const state = path.join(checkpoint(name, 2), 'train-state.json');
  return (JSON.parse(await readFile(state, 'utf8')) as { files: unknown }).files;
}

it('trains within 20 GB, and resumes with the same bytes', async () => {
  const { base, backbone } = files;
  await run('init', '--base', base, '--backbone', backbone, '--out', at('untrained'));
  const from = ['--config', at('train.json'), '--init', at('untrained'), '--backbone', backbone];
  const train = (name: string, ...options: string[]) =>
    run('train', ...from, '--out', at(name), ...options);
  expect(await train('whole')).toContain('368.75 M parameters');
  await mkdir(at('resumed', 'checkpoints'), { recursive: true });
  await cp(checkpoint('whole', 1), checkpoint('resumed', 1), { recursive: true });
  const expected = await hashes('whole');
  await rm(at('whole'), { recursive: true });
  expect(await train('resumed', '--resume')).toContain('resumes after step 1\n');
  expect(await hashes('resumed')).toEqual(expected);
});
