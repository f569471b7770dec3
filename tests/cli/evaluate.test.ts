import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
      transferCosine: [
        {
          ...{ backbone: 'efficientnet_lite0', layer: 'head' },
          ...{ cosine: number, floor: number, ceiling: number, gapClosed: number },
          intervals: { cosine: interval, gapClosed: interval },
        },
      ],
      unreadable: [],
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
    // The floor's partners differ with the size of the set, everything else is the same.
    const parts = ({ stdout }: { stdout: string }): unknown => {
      const { images, cosine, ceiling, top5Match, frechet, ssim } = JSON.parse(stdout) as Record<
        string,
        unknown
      >;
      return { images, cosine, ceiling, top5Match, frechet, ssim };
    };
    expect(parts(mixed)).toEqual(parts(whole));
    expect(parts(whole)).toMatchObject({
      images: 3,
      ceiling: { cosine: expect.any(Number) as number },
    });
    const { unreadable } = JSON.parse(mixed.stdout) as { unreadable: string[] };
    expect(unreadable.map((line) => /[a-z]+\.jpg/.exec(line)?.[0])).toEqual(['z.jpg', 'zz.jpg']);
  });

  it('measures in shards and merges them, or goes on after a stop: the same to the last bit', async () => {
    const args = ['--images', micro.photographs, '--crops', '2', '--batch', '2', '--steps', '1'];
    const result = (text: string): unknown => {
      const { seconds, secondsPerImage, ...rest } = JSON.parse(text) as Record<string, unknown>;
      expect([seconds, secondsPerImage]).not.toContain(undefined);
      return rest;
    };
    const whole = await evaluate(...args, '--out', at('whole'));
    expect(whole.code, whole.stderr).toBe(0);
    for (const part of ['1/2', '2/2']) {
      const run = await evaluate(...args, '--shard', part, '--out', at(`part-${part[0]}`));
      expect(run.code, run.stderr).toBe(0);
      expect(JSON.parse(run.stdout)).toMatchObject({ settings: { shard: part } });
    }
    const merged = await evaluate('--merge', at('part-2'), at('part-1'), '--out', at('merged'));
    expect(merged.code, merged.stderr).toBe(0);
    expect(result(merged.stdout)).toEqual(result(whole.stdout));
    expect(readFileSync(path.join(at('merged'), 'reconstructions.png'))).toEqual(
      readFileSync(path.join(at('whole'), 'reconstructions.png')),
    );

    // As if it had been stopped before its second batch.
    const records = path.join(at('whole'), 'records', '00001.safetensors');
    const before = readFileSync(records);
    rmSync(records);
    const lacking = await evaluate('--merge', at('whole'));
    expect(lacking).toMatchObject({ code: 2, stdout: '' });
    expect(lacking.stderr).toMatch(/whole lacks images 3 to 4 of 6: run shard 1\/1 again/);
    const resumed = await evaluate(...args, '--out', at('whole'));
    expect(result(resumed.stdout)).toEqual(result(whole.stdout));
    const tensors = (bytes: Buffer): Buffer => bytes.subarray(bytes.lastIndexOf('}') + 1);
    expect(tensors(readFileSync(records))).toEqual(tensors(before));

    const half = await evaluate('--merge', at('part-1'));
    expect(half.stderr).toMatch(
      /no folder holds images 3 to 4 of 6: a shard is missing \(given: 1\/2\)/,
    );
    const other = await evaluate(...args.with(-1, '2'), '--out', at('whole'));
    expect(other.stderr).toMatch(
      /whole holds another evaluation \(sampling.steps 1, not 2\); give another --out/,
    );
    const strange = await evaluate('--merge', at('part-1'), micro.photographs);
    expect(strange.stderr).toMatch(/photographs holds no evaluation; give folders that/);
    expect([half.code, other.code, strange.code]).toEqual([2, 2, 2]);
  });

  it('takes the judges that are asked for', async () => {
    const run = await evaluate(
      ...['--images', micro.photographs, '--steps', '1'],
      ...['--judge', 'mobilenet_v1_025:Conv2d_5_pointwise,efficientnet_lite0'],
    );
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      transferCosine: [
        { backbone: 'mobilenet_v1_025', layer: 'Conv2d_5_pointwise' },
        { backbone: 'efficientnet_lite0', layer: 'head' },
      ],
    });
  });

  it('refuses what cannot be measured with one sentence', async () => {
    mkdirSync(at('empty'));
    writeFileSync(at('file'), '');
    const images = ['--images', micro.photographs];
    const refusals: [string[], RegExp][] = [
      [[], /--images <dir> is missing/],
      [[micro.photographs], /folders are given with --merge, photographs with --images/],
      [['--merge'], /--merge needs the folders of all shards/],
      [['--merge', ...images, 'x'], /--merge takes the folders of shards only/],
      [[...images, '--shard', '1/2'], /--shard needs --out/],
      [
        [...images, '--shard', '3/3', '--out', at('none')],
        /shard 3\/3 has nothing to do: 3 images/,
      ],
      [[...images, '--per-class', '1'], /--per-class needs one folder for each class/],
      [[...images, '--judge', 'lenet'], /there is no backbone "lenet"/],
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
