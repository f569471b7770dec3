import { expect, it } from 'vitest';
import { onWebgpu } from '../support/webgpu.js';
import type { DeviceMemory } from './memory-run.js';

it('keeps the state of 200 runs on the device without growing', async () => {
  const measured = await onWebgpu<DeviceMemory>(new URL('./memory-run.ts', import.meta.url));
  expect(measured.value).toBeCloseTo(2, 6);
  // The software driver’s memory is the process’s: 200 leaked states would be 210 MB.
  expect(measured.growthMB).toBeLessThan(20 * measured.stateMB);
  expect(measured.afterDispose).toBe('a device tensor was used after it was freed');
});
