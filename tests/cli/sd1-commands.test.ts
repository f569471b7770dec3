/** The commands on an inverter of Stable Diffusion’s shape, so narrow that they take seconds. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writePng } from '../../src/images/png.js';
import { writeDiffusersFolder } from '../diffusion/sd1/diffusers-folder.js';
import { blobs } from '../inversion/micro-models.js';
import { inverterCommands, type CommandPlace } from '../support/inverter-commands.js';
import { featinv } from './in-process.js';

// Normally half a minute; the process may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const BACKBONE = 'mobilenet_v1_025';

const folder = await mkdtemp(path.join(tmpdir(), 'featinv-sd1-'));
const at = (...parts: string[]): string => path.join(folder, ...parts);
const place: CommandPlace = {
  model: at('whole', 'model'),
  modelName: 'narrow',
  backbone: BACKBONE,
  size: 64,
  pictures: [at('pictures', '0.png'), at('pictures', '1.png')],
  out: folder,
};

async function run(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const result = await featinv(...args, '--threads', '1');
  expect(result.code, result.stderr).toBe(0);
  return result;
}

beforeAll(async () => {
  await writeDiffusersFolder(at('pipeline'));
  await mkdir(at('pictures'));
  for (const seed of [0, 1]) await writePng(at('pictures', `${seed}.png`), blobs(seed, 96, 80));
  const base = ['--base', at('pipeline'), '--backbone', BACKBONE];
  await run('init', ...base, '--hint-width', '8', '--out', at('untrained'));
  await writeFile(at('train.json'), JSON.stringify(training));
});

afterAll(() => rm(folder, { recursive: true }));

const training = {
  type: 'inverter',
  data: {
    photographs: at('pictures'),
    heldOut: at('pictures'),
    heldOutCropsPerImage: 1,
    validationCrops: 2,
    resizedCrop: { size: 96 },
  },
  ...{ base: 'of the inverter', backbone: BACKBONE, layer: 'of the inverter', hintWidth: 1 },
  scaleChannels: false,
  release: { name: 'narrow', description: 'narrow', licence: 'none' },
  sampling: { sampler: 'ddim', steps: 1, eta: 0, guidance: 1.75, guidanceMode: 'text' },
  validationBatch: 1,
  trainer: {
    ...{ steps: 2, batchSize: 1, accumulation: 2, recompute: true, learningRate: 0.01 },
    ...{ clipNorm: null, ema: null, validateEvery: 0 },
  },
};

describe('an inverter on Stable Diffusion', () => {
  it('is trained, and resumed with the same bytes', async () => {
    const train = (out: string, ...options: string[]) =>
      run(
        'train',
        '--config',
        at('train.json'),
        '--init',
        at('untrained'),
        '--out',
        at(out),
        ...options,
      );
    await train('whole');
    await train('parts', '--steps', '1');
    const { stderr } = await train('parts', '--resume');
    expect(stderr).toMatch(
      /\nmemory: about \d\.\d GB: \d+ MB for 5 copies of the weights, .* for validation; /,
    );
    for (const file of ['weights', 'optimizer']) {
      const [whole, parts] = await Promise.all(
        ['whole', 'parts'].map((name) =>
          readFile(at(name, 'checkpoints', 'step-000002', `${file}.safetensors`)),
        ),
      );
      expect(parts!.equals(whole!), file).toBe(true);
    }
  });

  it.each(Object.keys(inverterCommands))('is read by %s', async (name) => {
    const { args, files = [] } = inverterCommands[name]!(place);
    const { stdout } = await run(...args);
    expect(stdout).not.toBe('');
    for (const file of files) expect(existsSync(file), file).toBe(true);
  });
});
