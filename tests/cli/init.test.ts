import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { readSafetensors } from '../../src/checkpoints/safetensors.js';
import { baseModelFiles } from '../../src/diffusion/base-model.js';
import { loadInverter } from '../../src/inversion/inverter.js';
import { blobs, makeMicroModels, type MicroModels } from '../inversion/micro-models.js';
import { featinv } from './in-process.js';

// Normally a few seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let micro: MicroModels;
const at = (...parts: string[]): string => path.join(micro.directory, ...parts);

beforeAll(async () => {
  micro = await makeMicroModels();
});

afterAll(() => micro.remove());

const init = (...args: string[]) =>
  featinv('init', '--base', micro.base, '--backbone', 'mobilenet_v1_025', '--json', ...args);

describe('featinv init', () => {
  it('writes an inverter that loads, and that does not look at the map yet', async () => {
    const out = at('fresh');
    const run = await init('--layer', 'Conv2d_11_pointwise', '--hint-width', '8', '--out', out);
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      directory: out,
      name: 'fresh',
      layer: 'Conv2d_11_pointwise',
      mapShape: [128, 14, 14],
      pooled: false,
      hintWidth: 8,
    });
    const control = readSafetensors(path.join(out, 'controlnet.safetensors'));
    const values = (name: string): Float32Array => control.get(`control_model.${name}`)!.data;
    for (const name of control.keys()) {
      if (/zero_convs|middle_block_out/.test(name)) {
        expect(control.get(name)!.data.every((value) => value === 0)).toBe(true);
      }
    }
    const unet = readSafetensors(path.join(micro.base, baseModelFiles.unet));
    expect(values('input_blocks.0.0.weight')).toEqual(unet.get('conv_in.weight')!.data);

    const inverter = await loadInverter(out, { threads: 1 });
    const draw = async (seed: number): Promise<Uint8Array> => {
      const map = await inverter.features(blobs(seed, 64, 64));
      const [picture] = await inverter.reconstruct(map, { steps: 1, guidance: 1 });
      return picture!.image.data;
    };
    expect(await draw(1)).toEqual(await draw(2));
    await inverter.dispose();
  });

  it('takes the last layer by default, and the same seed gives the same bytes', async () => {
    const make = async (name: string, seed: string): Promise<Map<string, unknown>> => {
      const run = await init('--pooled', '--hint-width', '8', '--seed', seed, '--out', at(name));
      expect(run.code, run.stderr).toBe(0);
      expect(JSON.parse(run.stdout)).toMatchObject({ pooled: true, mapShape: [256, 7, 7] });
      return readSafetensors(path.join(at(name), 'controlnet.safetensors'));
    };
    expect(await make('first', '1')).toEqual(await make('second', '1'));
    expect(await make('third', '2')).not.toEqual(await make('fourth', '3'));
  });

  it('refuses what it cannot do with one sentence, and writes nothing', async () => {
    writeFileSync(at('file'), '');
    const out = ['--out', at('refused')];
    const refusals: [string[], RegExp][] = [
      [[], /--out must name the folder to make/],
      [['--out', at('file')], /--out must be a directory that can be written to/],
      [['--out', micro.inverter], /already holds an inverter; give a folder without one/],
      [[...out, '--layer', 'Conv2d_11'], /has no layer "Conv2d_11"; did you mean/],
      [[...out, '--base', at('nowhere')], /nowhere is no base model: it has no base\.json/],
      [[...out, '--backbone', 'mobilenet'], /there is no backbone "mobilenet"/],
      [[...out, '--hint-width', '0'], /--hint-width must be an integer from 1 to 4096/],
    ];
    for (const [args, message] of refusals) {
      const run = await init(...args);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toMatch(message);
      expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    }
    expect(readdirSync(at('refused'))).toEqual([]);
  });
});
