import { describe, expect, it } from 'vitest';
import { ops } from '../../src/graph/ops/index.js';
import { onWebgpu } from '../support/webgpu.js';
import { cpuOnly } from './cpu-only.js';
import type { OpOnWebgpu } from './ops-run.js';

const TOLERANCE = 1e-5;
/** The provider's layer norm takes the variance as a difference of means, which cancels far from zero. */
const LOOSER: Readonly<Record<string, number>> = {
  'far from zero d0': 1e-3,
  'far from zero y': 1e-3,
};

// The driver in software takes long to compile the hundreds of kernels of all gradients; the training test has
// those of a denoiser.
const what = process.env['FEATINV_TEST_FULL'] ? ['gradients'] : [];
const results = await onWebgpu<OpOnWebgpu[]>(new URL('./ops-run.ts', import.meta.url), ...what);

describe('WebGPU', () => {
  it('is compared for every op that it computes', () => {
    expect(results.map(({ op }) => op)).toEqual([...ops.keys()].filter((op) => !cpuOnly.has(op)));
  });

  it.each(results)('computes $op like the CPU, with kernels of its own', ({ errors, warnings }) => {
    expect(warnings).toEqual([]);
    expect(Object.keys(errors)).not.toEqual([]);
    for (const [name, error] of Object.entries(errors)) {
      expect(error, name).toBeLessThanOrEqual(LOOSER[name] ?? TOLERANCE);
    }
  });
});
