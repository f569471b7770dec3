/** Sampling in 8 bits, with the shipped inverter. */
import { afterAll, describe, expect, it, vi } from 'vitest';
import { InputError } from '../../src/errors.js';
import type { Precision } from '../../src/inversion/inverter-config.js';
import { InverterSampler } from '../../src/inversion/inverter-sampler.js';
import { loadInverter } from '../../src/inversion/inverter.js';
import { mappedParameters } from '../../src/nn/index.js';
import { blobs } from './micro-models.js';

// Normally a few seconds; the process may have to share the machine with others.
vi.setConfig({ testTimeout: 120_000 });

const inverter = await loadInverter(undefined, { threads: 1 });
afterAll(() => inverter.dispose());

async function draw(precision?: Precision): Promise<Uint8Array> {
  const map = await inverter.features(blobs(1, 96, 80));
  const [sample] = await inverter.reconstruct(map, { steps: 3, ...(precision && { precision }) });
  return sample!.image.data;
}

describe('an inverter that samples in 8 bits', () => {
  it('draws nearly the picture that it draws in float32, and the same one each time', async () => {
    const [exact, rough, again] = [await draw(), await draw('int8'), await draw('int8')];
    expect(again).toEqual(rough);
    const off = exact.reduce((sum, x, i) => sum + Math.abs(x - rough[i]!), 0) / exact.length;
    expect(off).toBeGreaterThan(0);
    expect(off).toBeLessThan(2);
    expect(await draw('float32')).toEqual(exact);
  });

  it('is refused where the device is not the CPU, before anything is computed', async () => {
    const { base, config } = inverter;
    const parts = {
      base,
      network: { unet: base.config.unet!, hintWidth: config.hintWidth, pooled: false },
      mapShape: config.mapShape,
      control: () => mappedParameters(base.unetWeights()),
    };
    const sampler = new InverterSampler(parts, { device: 'webgpu' });
    const refused = new InputError(
      'precision int8 is for the CPU, not for webgpu: leave out --precision, or take --device cpu',
    );
    const sampling = inverter.sampling({ precision: 'int8' });
    await expect(sampler.sample(new Float32Array(0), [1], sampling)).rejects.toThrow(refused);
    const guidance = { mode: 'text', scale: 2 } as const;
    expect(() => sampler.memoryNeed(1, guidance, 'int8')).toThrow(refused);
  });
});
