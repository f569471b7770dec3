import { expect, it, vi } from 'vitest';
import { onWebgpu } from '../support/webgpu.js';
import type { TrainingOnWebgpu } from './training-run.js';

vi.setConfig({ testTimeout: 600_000 });

// A whole denoiser takes minutes in software.
const tasks = process.env['FEATINV_TEST_FULL'] ? ['small', 'denoiser'] : ['small'];

const TOLERANCE = 1e-5;

it.each(tasks)('takes 20 steps of the task %s like the CPU, resumed or not', async (task) => {
  const script = new URL('./training-run.ts', import.meta.url);
  const result = await onWebgpu<TrainingOnWebgpu>(script, task);
  expect(result.warnings).toEqual([]);
  const { losses, gradientNorms, differences } = result;
  expect(losses.cpu).toHaveLength(20);
  expect(relativeDifference(losses.webgpu, losses.cpu)).toBeLessThan(TOLERANCE);
  expect(relativeDifference(gradientNorms.webgpu, gradientNorms.cpu)).toBeLessThan(TOLERANCE);
  expect(differences['weights']).toBeLessThan(TOLERANCE);
  expect(differences['ema']).toBeLessThan(TOLERANCE);
  expect(differences['optimizer']).toBeLessThan(TOLERANCE);
  expect(result.resumedAlike).toBe(true);
});

function relativeDifference(actual: readonly number[], expected: readonly number[]): number {
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value) / Math.abs(value)));
}
