import { describe, expect, it } from 'vitest';
import * as g from '../../src/graph/index.js';
import { Random } from '../../src/random.js';
import { runOnnx } from './check-op.js';

const random = new Random('quantise');
const drawn = (shape: g.Shape, deviation = 1): Float32Array =>
  random.fillNormal(new Float32Array(g.sizeOf(shape))).map((x) => x * deviation);
const weight = (shape: g.Shape): g.Tensor => {
  const inner = g.sizeOf(shape) / shape[0]!;
  return g.constant(drawn(shape, inner ** -0.5), shape);
};

/** The ops of a graph in their order. */
const opsOf = (y: g.Tensor): string[] => g.topologicalOrder([y]).map(({ op }) => op.name);

const linear = (x: g.Tensor, w: g.Tensor): g.Tensor => g.matmul(x, w, { transposeB: true });

/** A convolution between small ones, shifted by what follows from the time, then a linear layer. */
function network(): g.Tensor {
  const latents = g.input('latents', [2, 4, 6, 6]);
  const time = linear(g.input('time', [2, 32]), weight([64, 32]));
  const first = g.conv2d(latents, weight([64, 4, 3, 3]), { padding: 1 });
  const shifted = g.add(first, g.reshape(time, [2, 64, 1, 1]));
  const bias = g.constant(drawn([32]), [32]);
  const inner = g.conv2d(g.silu(shifted), weight([32, 64, 3, 3]), { padding: 1, bias });
  const tokens = g.reshape(g.transpose(inner, [0, 2, 3, 1]), [72, 32]);
  const joined = linear(g.gelu(tokens), weight([32, 32]));
  return g.conv2d(g.reshape(joined, [2, 32, 6, 6]), weight([4, 32, 1, 1]));
}

describe('a network in 8 bits', () => {
  it('has its large layers so, but neither the first nor the last, nor what follows from time alone', () => {
    const y = network();
    const named = (names: readonly string[]): string[] =>
      names.filter((name) => /matmul|conv/i.test(name));
    expect(named(opsOf(y))).toEqual(['conv2d', 'matmul', 'conv2d', 'matmul', 'conv2d']);
    expect(named(opsOf(g.quantise(y, 'latents')))).toEqual([
      'conv2d',
      'matmul',
      'quantisedConv2d',
      'quantisedMatmul',
      'conv2d',
    ]);
    // The given graph is as it was.
    expect(named(opsOf(y))).not.toContain('quantisedConv2d');
  });

  it('computes nearly the same', async () => {
    const exact = network();
    const feeds = { latents: drawn([2, 4, 6, 6]), time: drawn([2, 32]) };
    const found = await runOnnx({ exact, rough: g.quantise(exact, 'latents') }, feeds);
    const [off, size] = [found['exact']!.map((x, i) => x - found['rough']![i]!), found['exact']!];
    const norm = (values: Float32Array): number => Math.hypot(...values);
    expect(norm(off) / norm(size)).toBeLessThan(0.02);
    expect(norm(off) / norm(size)).toBeGreaterThan(1e-4);
  });

  it('leaves trained weights, and products of two values, as they are', () => {
    const x = g.input('x', [40, 32]);
    for (const y of [linear(x, g.input('w', [32, 32])), linear(x, g.exp(x))]) {
      expect(g.quantise(y, 'x')).toBe(y);
    }
  });
});
