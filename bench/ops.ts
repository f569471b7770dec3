/** The machine's own rate, and those of the ops that training spends its time in. */
import { countFlops } from '../src/graph/flops.js';
import {
  constant,
  conv2d,
  gradients,
  input,
  matmul,
  sum,
  type Tensor,
} from '../src/graph/index.js';
import { Random } from '../src/random.js';
import { Session } from '../src/runtime/session.js';
import { budget, describe, type BenchOptions, type Measurement } from './measurement.js';
import { measure } from './statistics.js';

const random = new Random('bench');
const noise = (size: number): Float32Array => random.fillNormal(new Float32Array(size));

async function time(
  name: string,
  output: Tensor,
  feeds: Record<string, Float32Array>,
  options: BenchOptions,
): Promise<Measurement> {
  const session = await Session.compile({ output }, { threads: options.threads });
  const timing = await measure(() => session.run(feeds), budget(options));
  await session.dispose();
  return describe(name, timing, { flops: countFlops([output]) });
}

export async function benchOps(options: BenchOptions): Promise<Measurement[]> {
  const square = matmul(input('a', [1024, 1024]), input('b', [1024, 1024]));
  const results = [
    await time('matmul 1024³', square, { a: noise(2 ** 20), b: noise(2 ** 20) }, options),
  ];
  for (const [channels, side] of options.quick
    ? [[64, 16]]
    : [
        [64, 16],
        [128, 8],
        [48, 32],
      ]) {
    results.push(...(await benchConv(channels!, side!, options)));
  }
  return results;
}

/** 3×3 convolution of 16 images: forward with frozen and trained weight, and both gradients. */
async function benchConv(c: number, side: number, options: BenchOptions): Promise<Measurement[]> {
  const shape = [16, c, side, side];
  const x = input('x', shape);
  const w = input('w', [c, c, 3, 3]);
  const feeds = { x: noise(16 * c * side * side), w: noise(c * c * 9) };
  const frozen = conv2d(x, constant(feeds.w, [c, c, 3, 3]), { padding: 1 });
  const trained = conv2d(x, w, { padding: 1 });
  const [dx, dw] = gradients(sum(trained), [x, w]);
  const label = `conv 3×3 [16,${c},${side},${side}]`;
  return [
    await time(`${label} forward, frozen weight`, frozen, feeds, options),
    await time(`${label} forward, trained weight`, trained, feeds, options),
    await time(`${label} input gradient`, dx!, feeds, options),
    await time(`${label} weight gradient`, dw!, feeds, options),
  ];
}
