import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { outlineOf } from '../../src/backbones/expected-tensors.js';
import { timmCatalogue } from '../../src/backbones/index.js';
import type { NamedTensors } from '../../src/checkpoints/named-tensors.js';
import { readSafetensors, writeSafetensors } from '../../src/checkpoints/safetensors.js';
import { exportControlNet } from '../../src/diffusion/controlnet-file.js';
import { sizeOf } from '../../src/graph/index.js';
import { readInverterConfig } from '../../src/inversion/inverter-config.js';
import { loadInverter } from '../../src/inversion/inverter.js';
import { writeDiffusersFolder } from '../diffusion/sd1/diffusers-folder.js';
import { hashedTensors, microModel } from '../diffusion/sd1/hashed-models.js';
import { blobs } from '../inversion/micro-models.js';
import { featinv } from './in-process.js';

// Normally a few seconds; the processes may have to share the machine with others.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let folder: string;
const at = (...parts: string[]): string => path.join(folder, ...parts);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'featinv-init-'));
  await writeDiffusersFolder(at('pipeline'));
});

afterAll(() => rm(folder, { recursive: true }));

const init = (...args: string[]) =>
  featinv('init', '--base', at('pipeline'), '--backbone', 'mobilenet_v1_025', '--json', ...args);

async function draw(directory: string, seed: number): Promise<Uint8Array> {
  const inverter = await loadInverter(directory, { threads: 1 });
  const map = await inverter.features(blobs(seed, 64, 64));
  const [picture] = await inverter.reconstruct(map, { steps: 2 });
  await inverter.dispose();
  return picture!.image.data;
}

describe('featinv init on a diffusers pipeline', () => {
  it('copies the UNet’s encoder, with the authors’ sizes and sampling', async () => {
    const run = await init('--out', at('fresh'));
    expect(run.code, run.stderr).toBe(0);
    const config = await readInverterConfig(at('fresh'));
    expect(config).toMatchObject({
      hintWidth: 512,
      mapShape: [256, 7, 7],
      sampling: { sampler: 'ddim', steps: 50, eta: 0, guidance: 1.75, guidanceMode: 'text' },
    });
    expect(config.base).toMatchObject({ path: '../pipeline' });
    expect(config.base).not.toHaveProperty('imageSize');
    const control = readSafetensors(at('fresh', 'controlnet.safetensors'));
    expect(control.get('control_model.input_hint_block.block.3.weight')!.shape).toEqual([
      512, 512, 3, 3,
    ]);
    expect(control.get('control_model.zero_convs.3.0.weight')!.data.every((x) => x === 0)).toBe(
      true,
    );
    expect(await draw(at('fresh'), 1)).toEqual(await draw(at('fresh'), 2));
  });

  it('keeps the place of weights that were given as a file, and names them when they are gone', async () => {
    const name = 'resnet18.tv_in1k';
    const { architecture } = timmCatalogue.get(name)!;
    const { tensors } = outlineOf(architecture.family, 224);
    const weights: NamedTensors = new Map(
      [...tensors].map(([key, shape]) => [
        key,
        { shape, data: new Float32Array(sizeOf(shape)).fill(0.01) },
      ]),
    );
    await writeSafetensors(at('mine.safetensors'), weights);
    const run = await init('--backbone', `${name}=${at('mine.safetensors')}`, '--out', at('own'));
    expect(run.code, run.stderr).toBe(0);
    const config = await readInverterConfig(at('own'));
    expect(config.backbone).toBe(name);
    expect(config.backboneWeights).toMatchObject({ path: '../mine.safetensors' });
    const inverter = await loadInverter(at('own'));
    expect([inverter.memory, inverter.backbone.id]).toEqual(['low', name]);
    await inverter.dispose();
    await rename(at('mine.safetensors'), at('moved.safetensors'));
    await expect(loadInverter(at('own'))).rejects.toThrow(
      /own was made with the weights of resnet18.tv_in1k in .*mine.safetensors, which is not there/,
    );
    const [first] = weights.values();
    first!.data[0] = 1;
    await writeSafetensors(at('mine.safetensors'), weights);
    await expect(loadInverter(at('own'))).rejects.toThrow(/made with other weights of resnet18/);
  });

  it('takes a trained ControlNet, which is then exported unchanged in either layout', async () => {
    const { unet } = microModel.config;
    const trained = hashedTensors(microModel.control);
    await exportControlNet(at('trained.safetensors'), trained, unet, {
      layout: 'original',
      dtype: 'F16',
    });
    const stored = readSafetensors(at('trained.safetensors'));
    const control = ['--control-net', at('trained.safetensors')];
    const run = await init(...control, '--image-size', '128', '--out', at('taken'));
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ hintWidth: 6 });
    expect((await readInverterConfig(at('taken'))).base).toMatchObject({ imageSize: 128 });
    expect(readSafetensors(at('taken', 'controlnet.safetensors'))).toEqual(stored);

    const inverter = await loadInverter(at('taken'), { threads: 1 });
    expect(inverter.imageSize).toBe(128);
    await inverter.exportControlNet(at('exported.safetensors'), { layout: 'original' });
    await inverter.exportControlNet(at('named.safetensors'), { layout: 'diffusers' });
    await inverter.dispose();
    expect(readSafetensors(at('exported.safetensors'))).toEqual(stored);
    expect([...readSafetensors(at('named.safetensors')).keys()].sort()).toEqual(
      [...trained.keys()].sort(),
    );
    expect(await draw(at('taken'), 1)).not.toEqual(await draw(at('taken'), 2));
  });

  it('refuses a ControlNet of another map or width, and averages that are not there', async () => {
    const control = ['--control-net', at('trained.safetensors')];
    const out = ['--out', at('refused')];
    const refusals: [string[], RegExp][] = [
      [
        [...control, '--layer', 'Conv2d_11_pointwise'],
        /trained\.safetensors reads maps of 256 channels, the layer's have 128/,
      ],
      [[...control, '--hint-width', '8'], /has a hint encoder of 6 channels, not 8; leave/],
      [['--ema'], /a diffusers folder has one UNet/],
      [['--base', at('trained.safetensors')], /does not hold the weights of Stable Diffusion v1/],
    ];
    for (const [args, message] of refusals) {
      const run = await init(...args, ...out);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toMatch(message);
      expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });

  it('notices another base model in its place', async () => {
    const unet = at('pipeline', 'unet', 'diffusion_pytorch_model.safetensors');
    const tensors = readSafetensors(unet);
    tensors.get('conv_in.bias')!.data[0]! += 1;
    await writeSafetensors(unet, tensors);
    await expect(loadInverter(at('taken'))).rejects.toThrow(
      /taken was trained on another base model/,
    );
  });
});
