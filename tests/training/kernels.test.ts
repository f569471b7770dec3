import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import openWabt from 'wabt';
import { KERNELS } from '../../src/training/kernels/binary.js';
import { adamwSweep, averageSweep, sumOfSquares } from '../../src/training/kernels/index.js';
import { waves } from './waves.js';

it('is the translation of kernels.wat', async () => {
  const source = new URL('../../src/training/kernels/kernels.wat', import.meta.url);
  const wabt = await openWabt();
  const module = wabt.parseWat('kernels.wat', readFileSync(source, 'utf8'), { simd: true });
  expect(KERNELS).toBe(Buffer.from(module.toBinary({}).buffer).toString('base64'));
});

// One piece holds 16,384 values; four are computed at a time.
const LENGTHS = [1, 4, 7, 16_384, 16_387, 40_001];

it.each(LENGTHS)('computes on %i values as plain arithmetic does', (length) => {
  const [w, g, m, v] = [waves(length, 0.3), waves(length, 1.7), waves(length, 2), waves(length, 3)];
  for (let i = 0; i < length; i++) v[i] = v[i]! ** 2;
  const before = [w, m, v].map((array) => array.slice());
  const gradient = g.slice();
  const [beta1, beta2, decay, stepSize, rootScale] = [0.8, 0.95, 0.01, 0.01, 1.3];
  const [epsilon, gradientScale] = [1e-6, 0.5];
  adamwSweep(w, g, m, v, { beta1, beta2, decay, stepSize, rootScale, epsilon, gradientScale });
  expect(g).toEqual(gradient);
  const [weights, first, second] = before as [Float32Array, Float32Array, Float32Array];
  let worst = 0;
  for (let i = 0; i < length; i++) {
    const scaled = gradient[i]! * gradientScale;
    const nextFirst = beta1 * first[i]! + (1 - beta1) * scaled;
    const nextSecond = beta2 * second[i]! + (1 - beta2) * scaled ** 2;
    const change = (stepSize * nextFirst) / (Math.sqrt(nextSecond) * rootScale + epsilon);
    const expected = [weights[i]! * (1 - decay) - change, nextFirst, nextSecond];
    [w, m, v].forEach((array, k) => (worst = Math.max(worst, Math.abs(array[i]! - expected[k]!))));
  }
  expect(worst).toBeLessThan(3e-7);

  const average = before[0]!.slice();
  averageSweep(average, g, 0.25);
  const expected = before[0]!.map((value, i) => value + 0.25 * (g[i]! - value));
  expect(Math.max(...average.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(2e-7);

  const squares = g.reduce((sum, value) => sum + value * value, 0);
  expect(Math.abs(sumOfSquares(g) / squares - 1)).toBeLessThan(1e-12);
});

it('keeps what is not finite visible', () => {
  expect(sumOfSquares(Float32Array.of(1, NaN, 2))).toBeNaN();
  expect(sumOfSquares(Float32Array.of(Infinity, 1))).toBe(Infinity);
});
