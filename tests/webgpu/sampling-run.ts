/** Features of a picture and a reconstruction from them, on the CPU and on WebGPU; prints how they compare. */
import { loadInverter } from '../../src/inversion/inverter.js';
import type { Device } from '../../src/runtime/session.js';
import { blobs, makeMicroModels } from '../inversion/micro-models.js';

export interface SamplingOnWebgpu {
  /** Largest difference of a map's values, as a share of the largest value. */
  readonly mapError: number;
  /** Largest difference of a pixel, of 255, and how many values the picture takes. */
  readonly pixelError: number;
  readonly pixelValues: number;
  readonly warnings: readonly string[];
}

const warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));

const models = await makeMicroModels();
const [cpu, webgpu] = [await reconstruct('cpu'), await reconstruct('webgpu')];
await models.remove();
const largest = cpu.map.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
const result: SamplingOnWebgpu = {
  mapError: worst(webgpu.map, cpu.map) / largest,
  pixelError: worst(webgpu.pixels, cpu.pixels),
  pixelValues: new Set(cpu.pixels).size,
  warnings,
};
process.stdout.write(JSON.stringify(result));

async function reconstruct(device: Device): Promise<{ map: Float32Array; pixels: Uint8Array }> {
  const inverter = await loadInverter(models.inverter, { device, threads: 1 });
  const map = await inverter.features(blobs(3, 64, 64));
  const [picture] = await inverter.reconstruct(map, { seed: 7, steps: 3 });
  await inverter.dispose();
  return { map: map.data, pixels: picture!.image.data };
}

function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  return Array.from(expected).reduce((a, value, i) => Math.max(a, Math.abs(actual[i]! - value)), 0);
}
