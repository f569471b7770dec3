import { expect, it, vi } from 'vitest';
import { onWebgpu } from '../support/webgpu.js';
import type { SamplingOnWebgpu } from './sampling-run.js';

vi.setConfig({ testTimeout: 240_000 });

it('extracts a map and reconstructs a picture like the CPU', async () => {
  const result = await onWebgpu<SamplingOnWebgpu>(new URL('./sampling-run.ts', import.meta.url));
  expect(result.warnings).toEqual([]);
  expect(result.mapError).toBeLessThan(1e-4);
  expect(result.pixelValues).toBeGreaterThan(50);
  expect(result.pixelError).toBeLessThanOrEqual(1);
});
