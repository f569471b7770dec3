import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { readImage } from '../../src/images/read-image.js';
import { makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { photograph, writeTruncated } from './bad-files.js';
import { featinv } from './in-process.js';

// Normally a few seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;
const at = (...parts: string[]): string => path.join(micro.directory, ...parts);

beforeAll(async () => {
  micro = await makeMicroModels();
});

afterAll(() => micro.remove());

const evaluate = (...args: string[]) =>
  featinv('evaluate', '--model', micro.inverter, '--threads', '1', '--json', ...args);

const interval = {
  low: expect.any(Number) as number,
  high: expect.any(Number) as number,
};

describe('featinv evaluate', () => {
  it('gives the contract’s numbers with intervals and settings, and writes them with a grid', async () => {
    const out = at('evaluation');
    const args = ['--images', micro.photographs, '--crops', '2', '--batch', '4', '--steps', '2'];
    const run = await evaluate(...args, '--out', out);
    expect(run.code, run.stderr).toBe(0);
    const number = expect.any(Number) as number;
    const result = JSON.parse(run.stdout) as Record<string, unknown>;
    expect(result).toMatchObject({
      images: 6,
      cosine: { mean: number, median: number, q05: number, min: number },
      top1Match: number,
      top5Match: number,
      fid: null,
      frechet: number,
      floor: { cosine: number },
      ceiling: { cosine: number },
      gapClosed: number,
      intervals: { cosine: interval, gapClosed: interval, top1Match: interval },
      transferCosine: {
        ...{ backbone: 'efficientnet_lite0', layer: 'head' },
        ...{ cosine: number, floor: number, ceiling: number },
      },
      settings: {
        ...{ model: 'micro', crops: 2, seed: 100 },
        sampling: { sampler: 'dpm++', steps: 2, eta: 0, guidance: 2, guidanceMode: 'joint' },
      },
      seconds: number,
      secondsPerImage: number,
    });
    const text = readFileSync(path.join(out, 'evaluation.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(result);
    // Six originals above six reconstructions.
    const grid = await readImage(path.join(out, 'reconstructions.png'));
    expect([grid.width, grid.height]).toEqual([6 * 64, 2 * 64]);
  });

  it('measures the same again, and does without a picture that cannot be read', async () => {
    const folder = at('mixed');
    cpSync(micro.photographs, folder, { recursive: true });
    writeFileSync(path.join(folder, 'z.jpg'), 'not a picture');
    writeTruncated(photograph('coffee.jpg'), path.join(folder, 'zz.jpg'));
    const steps = ['--steps', '1'];
    const whole = await evaluate('--images', micro.photographs, ...steps);
    const mixed = await evaluate('--images', folder, ...steps);
    expect([whole.code, mixed.code]).toEqual([0, 2]);
    expect(mixed.stderr).toMatch(/^featinv: .*z\.jpg cannot be read as a picture/);
    expect(mixed.stderr).toMatch(/\nfeatinv: .*zz\.jpg cannot be read as a picture/);
    const numbers = ({ stdout }: { stdout: string }): unknown => {
      const { settings, seconds, secondsPerImage, ...rest } = JSON.parse(stdout) as Record<
        string,
        unknown
      >;
      expect([settings, seconds, secondsPerImage]).not.toContain(undefined);
      return rest;
    };
    expect(numbers(mixed)).toEqual(numbers(whole));
    expect(numbers(whole)).toMatchObject({ images: 3 });
  });

  it('refuses what cannot be measured with one sentence', async () => {
    mkdirSync(at('empty'));
    writeFileSync(at('file'), '');
    const images = ['--images', micro.photographs];
    const refusals: [string[], RegExp][] = [
      [[], /required option '--images <dir>' not specified/],
      [['--images', at('nowhere')], /nowhere does not exist/],
      [['--images', at('empty')], /holds no pictures/],
      [[...images, '--limit', '1'], /the floor needs images of at least two photographs/],
      [[...images, '--limit', '0'], /--limit must be an integer of at least 1/],
      [[...images, '--crops', '0'], /--crops must be an integer from 1/],
      [[...images, '--steps', '1001'], /--steps must be an integer from 1 to 1000/],
      [[...images, '--out', at('file')], /--out must be a directory that can be written to/],
    ];
    for (const [args, message] of refusals) {
      const run = await evaluate(...args);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toMatch(message);
      expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });
});
