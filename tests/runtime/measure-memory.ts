/**
 * Prints how much memory (bytes) a network of frozen weights needs by estimate, and how much this
 * process took to run it. Argument: the memory mode.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peakMemoryMB } from '../../bench/peak-memory.js';
import * as g from '../../src/graph/index.js';
import { conv2d, groupNorm, linear, type Parameters } from '../../src/nn/index.js';
import type { MemoryMode } from '../../src/runtime/memory-mode.js';
import { memoryNeed } from '../../src/runtime/memory-need.js';
import { Session } from '../../src/runtime/session.js';

const CHANNELS = 32;
const SIDE = 768;
const WIDTH = 2048;

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'featinv-memory-')));
const path = join(folder, 'weights');
let end = 0;

/** Weights of zeros, one after another in the file. */
const zeros: Parameters = {
  tensor: (name, shape) => {
    const range = { path, offset: end, byteLength: 4 * g.sizeOf(shape) };
    end += range.byteLength;
    return g.fileTensor(name, shape, 'float32', range);
  },
  scope: () => zeros,
};

/** Few operations on many bytes: residual blocks over a large image, then wide layers over its means. */
function network(x: g.Tensor): g.Tensor {
  let h = conv2d(zeros, x, CHANNELS, 1);
  for (let i = 0; i < 3; i++) {
    h = g.add(h, conv2d(zeros, g.silu(groupNorm(zeros, h, 8, 1e-5)), CHANNELS, 1));
  }
  let wide = linear(zeros, g.mean(h, [2, 3]), WIDTH);
  for (let i = 0; i < 4; i++) wide = linear(zeros, g.silu(wide), WIDTH);
  return wide;
}

const y = network(g.input('x', [1, 4, SIDE, SIDE]));
const file = openSync(path, 'w');
ftruncateSync(file, end);
closeSync(file);

const memory = process.argv[2] as MemoryMode;
// On Linux: forgets what translating the sources took, which is more where nothing is cached.
if (existsSync('/proc/self/clear_refs')) writeFileSync('/proc/self/clear_refs', '5');
const before = process.memoryUsage.rss();
const session = await Session.compile({ y }, { memory, threads: 2 });
const x = new Float32Array(4 * SIDE ** 2).fill(0.5);
for (let run = 0; run < 2; run++) await session.run({ x });
const peak = peakMemoryMB('self') ?? process.resourceUsage().maxRSS / 1e3;
const taken = peak * 1e6 - before;
await session.dispose();
rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify({ needed: memoryNeed({ y }, { memory }).total, taken }));
