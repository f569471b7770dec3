import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readSafetensors } from '../../src/checkpoints/safetensors.js';
import { readInverterConfig } from '../../src/inversion/inverter-config.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { featinv } from './in-process.js';

// Normally a few seconds; the process may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let models: MicroModels;
let config: string;

beforeAll(async () => {
  models = await makeMicroModels();
  config = path.join(models.directory, 'train.json');
  const { photographs } = models;
  const content = {
    type: 'inverter',
    data: {
      photographs,
      heldOut: photographs,
      heldOutCropsPerImage: 1,
      validationCrops: 2,
      resizedCrop: { size: 96 },
    },
    base: 'not/there',
    backbone: 'not-there',
    layer: 'not-there',
    hintWidth: 3,
    scaleChannels: false,
    release: { name: 'test', description: 'test', licence: 'none' },
    sampling: { sampler: 'ddim', steps: 1, eta: 0, guidance: 1, guidanceMode: 'joint' },
    validationBatch: 1,
    trainer: {
      steps: 3,
      batchSize: 1,
      accumulation: 2,
      recompute: true,
      learningRate: 0.001,
      clipNorm: null,
      ema: null,
      validateEvery: 0,
    },
  };
  await writeFile(config, JSON.stringify(content));
});

afterAll(() => models.remove());

const at = (...parts: string[]): string => path.join(models.directory, ...parts);

async function train(out: string, ...options: string[]): Promise<void> {
  const from = ['--config', config, '--init', models.inverter, '--out', at(out)];
  const run = await featinv('train', ...from, '--threads', '1', ...options);
  expect(run.code, run.stderr).toBe(0);
}

const weights = (run: string, step: number): string =>
  at(run, 'checkpoints', `step-00000${step}`, 'weights.safetensors');

it('trains on from an inverter, with its base, classifier and layer, and resumes with the same bits', async () => {
  await train('whole');
  await train('parts', '--steps', '1');
  await train('parts', '--resume');
  expect(await readFile(weights('parts', 3))).toEqual(await readFile(weights('whole', 3)));

  const before = readSafetensors(path.join(models.inverter, 'controlnet.safetensors'));
  const after = readSafetensors(at('whole', 'model', 'controlnet.safetensors'));
  expect([...after.keys()]).toEqual([...before.keys()]);
  const moved = [...after].map(([name, { data }]) => {
    const old = before.get(name)!.data;
    return data.reduce((most, value, i) => Math.max(most, Math.abs(value - old[i]!)), 0);
  });
  // Three steps of AdamW move a weight by about three learning rates at most; half precision rounds.
  expect(Math.max(...moved)).toBeGreaterThan(0.001);
  expect(moved.sort((a, b) => a - b)[Math.floor(moved.length / 2)]).toBeLessThan(0.01);
  const inverter = await readInverterConfig(at('whole', 'model'));
  expect(inverter).toMatchObject({
    backbone: 'mobilenet_v1_025',
    layer: 'Conv2d_13_pointwise',
    hintWidth: 8,
    mapShape: [256, 7, 7],
  });
});
