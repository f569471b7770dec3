import { expect, it } from 'vitest';
import { shifted, windowAttention, windowLayout } from '../../src/backbones/window-attention.js';
import { input, type Tensor } from '../../src/graph/index.js';
import { frozenParameters, recordShapes, type Parameters } from '../../src/nn/index.js';
import { Session } from '../../src/runtime/session.js';
import { hashUniform, hashWeights } from '../support/hash-weights.js';

const GRID = 48;
const SIDE = 24;
const HEADS = 8;
const CHANNELS = 32;

it('gives each picture of a batch what it gives the picture alone', async () => {
  const layout = shifted(windowLayout(SIDE, SIDE), GRID, SIDE / 2);
  const attend = (p: Parameters, images: number): Tensor =>
    windowAttention(p, input('x', [images, GRID, GRID, CHANNELS]), HEADS, layout);
  const weights = hashWeights(recordShapes((p) => attend(p, 1)).shapes);
  const x = Float32Array.from(hashUniform('x', 2 * GRID * GRID * CHANNELS));
  const run = async (images: number, values: Float32Array): Promise<Float32Array> => {
    const session = await Session.compile({ y: attend(frozenParameters(weights, 'test'), images) });
    const { y } = await session.run({ x: values });
    await session.dispose();
    return y;
  };
  // Two pictures have more scores than are computed at a time.
  const both = await run(2, x);
  const half = x.length / 2;
  const alone = [await run(1, x.slice(0, half)), await run(1, x.slice(half))];
  expect(Math.max(...both.subarray(0, half).map(Math.abs))).toBeGreaterThan(0.01);
  for (const [i, one] of alone.entries()) {
    const part = both.subarray(i * half, (i + 1) * half);
    expect(Math.max(...part.map((value, k) => Math.abs(value - one[k]!)))).toBeLessThan(1e-6);
  }
});
