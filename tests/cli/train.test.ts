import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { writePng } from '../../src/images/png.js';
import { packageRoot } from '../../src/package-root.js';
import { Random } from '../../src/random.js';
import { buildCli, collect, runFeatinv } from './run-featinv.js';

// Normally a few seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let directory: string;

beforeAll(async () => {
  buildCli();
  directory = await mkdtemp(path.join(os.tmpdir(), 'featinv-train-'));
  for (const folder of ['train', 'held-out']) {
    await mkdir(path.join(directory, folder));
    for (const name of ['a', 'b']) {
      const random = new Random(`${folder} ${name}`);
      const data = Uint8Array.from({ length: 80 * 80 * 3 }, () => random.int(256));
      await writePng(path.join(directory, folder, `${name}.png`), { width: 80, height: 80, data });
    }
  }
});

afterAll(() => rm(directory, { recursive: true }));

const trainer = { steps: 4, batchSize: 2, learningRate: 0.001, validateEvery: 2 };

const autoencoder = (trainer: Record<string, unknown>): Record<string, unknown> => ({
  type: 'autoencoder',
  data: {
    photographs: path.join(directory, 'train'),
    heldOut: path.join(directory, 'held-out'),
    validationCrops: 2,
  },
  imageSize: 32,
  model: { latentChannels: 4, channels: [8, 8], layersPerLevel: [1, 1], groups: 4, patchSize: 4 },
  loss: { l1: 1, l2: 0, gradient: 0, kl: 1e-6 },
  trainer,
});

async function writeConfig(name: string, config: unknown): Promise<string> {
  const file = path.join(directory, name);
  await writeFile(file, typeof config === 'string' ? config : JSON.stringify(config));
  return file;
}

describe('featinv train', () => {
  it('trains, tells its plan and progress on stderr, and resumes to more steps', async () => {
    const config = await writeConfig('plan.json', autoencoder(trainer));
    const out = path.join(directory, 'run');
    const first = await runFeatinv(['train', '--config', config, '--out', out, '--json']);
    expect(first.code, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({
      directory: out,
      step: 4,
      images: 8,
      reason: 'finished',
      checkpoint: path.join(out, 'checkpoints', 'step-000004'),
      model: path.join(out, 'model'),
    });
    expect(first.stderr).toMatch(/^autoencoder: 0\.\d+ M parameters, 4 steps of 2 images, \d+ thr/);
    expect(first.stderr).toMatch(
      /\nmemory: about 0\.\d GB: 1 MB for 5 copies of the weights, \d+ MB for a step of 2 images\n/,
    );
    expect(first.stderr).toMatch(/\nvalidation at step 2: psnr /);
    expect(first.stderr).toMatch(/\nautoencoder 4\/4 steps · .* · loss /);
    expect(await readdir(path.join(out, 'model'))).not.toEqual([]);

    const args = ['train', '--config', config, '--out', out, '--resume', '--steps', '6'];
    const second = await runFeatinv(args);
    expect(second.code, second.stderr).toBe(0);
    expect(second.stderr).toContain('resumes after step 4\n');
    expect(second.stdout).toMatch(/^finished after 6 steps and /);
  });

  it('stops at Ctrl-C with a checkpoint and says how to go on', async () => {
    const config = await writeConfig('long.json', autoencoder({ ...trainer, steps: 100_000 }));
    const out = path.join(directory, 'long');
    const main = path.join(packageRoot(), 'dist', 'cli', 'main.js');
    const child = spawn(process.execPath, [main, 'train', '--config', config, '--out', out]);
    child.stderr.once('data', () => child.stderr.once('data', () => child.kill('SIGINT')));
    const { code, stdout, stderr } = await collect(child);
    expect(code, stderr).toBe(130);
    expect(stdout).toMatch(/^interrupted after step \d+; go on with: featinv train --config /);
    expect(await readdir(path.join(out, 'checkpoints'))).not.toEqual([]);
  });

  it('refuses what it cannot do', async () => {
    const config = await writeConfig('again.json', autoencoder(trainer));
    const refusals: [string[], string][] = [
      [['--config', path.join(directory, 'none.json')], 'none.json: no such file or directory'],
      [['--config', config, '--steps', '-1'], '--steps must be an integer of at least 1, got "-1"'],
      [
        ['--config', config, '--resume', '--out', path.join(directory, 'empty')],
        'holds no checkpoint to resume',
      ],
      [
        ['--config', await writeConfig('broken.json', '{"type": ')],
        'broken.json must be valid JSON',
      ],
    ];
    for (const [args, message] of refusals) {
      const { code, stderr } = await runFeatinv(['train', ...args]);
      expect(code, stderr).toBe(2);
      expect(stderr).toContain(message);
    }
  });
});
