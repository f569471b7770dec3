import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as g from '../../src/graph/index.js';
import { memoryModes } from '../../src/runtime/memory-mode.js';
import { memoryNeed } from '../../src/runtime/memory-need.js';

const MEGA = 1e6;
/** Float32 values of a megabyte. */
const image = (name: string): g.Tensor => g.input(name, [1, 1, 500, 500]);

const activations = (y: g.Tensor): number => memoryNeed({ y }).activations / MEGA;

describe('the memory that a graph needs', () => {
  it('counts what is alive at once, not what is computed in all', () => {
    let x = g.exp(image('x'));
    for (let i = 0; i < 10; i++) x = g.exp(x);
    expect(activations(x)).toBe(2);
  });

  it('keeps what is read later', () => {
    const a = g.exp(image('x'));
    const b = g.exp(g.exp(g.exp(a)));
    expect(activations(g.sum(g.add(a, b)))).toBeCloseTo(3, 4);
  });

  it('gives views and ops that work in place no memory of their own', () => {
    const a = g.exp(image('x'));
    expect(activations(g.sum(g.relu(g.sigmoid(g.reshape(a, [250_000])))))).toBeCloseTo(1, 4);
    // What is read again may not be overwritten.
    expect(activations(g.sum(g.add(g.relu(a), a)))).toBeCloseTo(3, 4);
  });

  it('leaves a block waiting for the next value of its shape, as ONNX Runtime does', () => {
    const b = g.exp(g.exp(image('x')));
    const column = g.exp(g.transpose(g.reshape(b, [250_000, 1]), [1, 0]));
    const again = g.exp(g.mul(image('y'), g.sum(column)));
    // Two blocks of images wait while the columns, which have another shape, are computed.
    expect(activations(g.sum(again))).toBeCloseTo(4, 4);
  });

  it('tells mapped weights from those that a mode copies', () => {
    const range = { path: '/weights', offset: 0, byteLength: 4 * 250_000 };
    const weight = g.fileTensor('w', [500, 500], 'float32', range);
    const y = g.matmul(g.input('x', [1, 500]), weight);
    expect(memoryNeed({ y }, { memory: 'low' })).toMatchObject({ weights: MEGA, prepacked: 0 });
    expect(memoryNeed({ y }, { memory: 'fast' })).toMatchObject({ weights: 0, prepacked: MEGA });
    const half = g.fileTensor('h', [500, 500], 'float16', { ...range, byteLength: 500_000 });
    const widened = g.matmul(g.input('x', [1, 500]), g.castFloat(half));
    expect(memoryNeed({ y: widened }, { memory: 'fast' })).toMatchObject({ prepacked: MEGA });
    const low = memoryNeed({ y: widened }, { memory: 'low' });
    expect(low).toMatchObject({ weights: 0.5 * MEGA, prepacked: 0 });
    // Widened in each run, for as long as the product is computed.
    expect(low.activations).toBeCloseTo(MEGA + 500 * 4, -3);
  });

  it('counts what it takes to make weights in 8 bits', () => {
    const range = { path: '/weights', offset: 0, byteLength: 4 * 250_000 };
    const weight = g.fileTensor('w', [500, 500], 'float32', range);
    const y = g.matmul(g.input('x', [64, 500]), weight, { transposeB: true });
    expect(memoryNeed({ y: g.quantise(y, 'x') })).toMatchObject({
      weights: 0,
      prepacked: 5 * 250_000,
    });
  });

  it.each(memoryModes)('is within a fifth of what a process takes: %s', async (memory) => {
    const child = fileURLToPath(new URL('measure-memory.ts', import.meta.url));
    const loader = new URL('../support/typescript-loader.mjs', import.meta.url).href;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      loader,
      child,
      memory,
    ]);
    const { needed, taken } = JSON.parse(stdout) as { needed: number; taken: number };
    expect(needed / taken).toBeGreaterThan(0.8);
    expect(needed / taken).toBeLessThan(1.2);
  });
});
