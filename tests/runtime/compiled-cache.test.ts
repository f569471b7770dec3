import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  add,
  constant,
  fileTensor,
  input,
  matmul,
  relu,
  type Tensor,
} from '../../src/graph/index.js';
import { makeRoom } from '../../src/runtime/compiled-cache.js';
import { Session, type SessionOptions } from '../../src/runtime/session.js';
import { waves } from '../training/waves.js';

let folder: string;
const at = (name: string): string => path.join(folder, name);
const kept = async (): Promise<string[]> => (await readdir(at('cache'))).sort();

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'featinv-compiled-'));
  await writeWeights(0.5);
});

afterEach(() => rm(folder, { recursive: true }));

const WIDTH = 160;

async function writeWeights(phase: number): Promise<void> {
  await writeFile(at('bias.bin'), waves(WIDTH, phase));
}

/** Large enough to be kept, with a weight of a file. */
function network(): Tensor {
  const weight = constant(waves(WIDTH * WIDTH, 0.1), [WIDTH, WIDTH]);
  const range = { path: at('bias.bin'), offset: 0, byteLength: 4 * WIDTH };
  const bias = fileTensor('bias', [WIDTH], 'float32', range);
  return relu(add(matmul(input('x', [1, WIDTH]), weight), bias));
}

async function run(options: SessionOptions = {}): Promise<Float32Array> {
  const session = await Session.compile({ y: network() }, { cache: at('cache'), ...options });
  const { y } = await session.run({ x: waves(WIDTH, 1) });
  await session.dispose();
  return y;
}

it('gives the same values to the next process, without compiling', async () => {
  const first = await run();
  const names = await kept();
  expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.onnx$/)]);
  const before = await stat(path.join(at('cache'), names[0]!));
  expect(await run()).toEqual(first);
  const after = await stat(path.join(at('cache'), names[0]!));
  // It was used, not written.
  expect(after.ino).toBe(before.ino);
  expect(after.mtimeMs).toBeGreaterThan(before.mtimeMs);
  expect(await run({ cache: undefined })).toEqual(first);
});

it('knows that a file of weights has changed', async () => {
  const first = await run();
  await writeWeights(2);
  await utimes(at('bias.bin'), 1, 1);
  const second = await run();
  expect(second).not.toEqual(first);
  expect(second).toEqual(await run({ cache: undefined }));
  expect(await kept()).toHaveLength(2);
});

it('compiles again where the file is damaged', async () => {
  const first = await run();
  const [name] = await kept();
  const file = path.join(at('cache'), name!);
  await writeFile(file, 'no graph');
  expect(await run()).toEqual(first);
  expect((await stat(file)).size).toBeGreaterThan(1000);
  expect(await kept()).toEqual([name]);
});

it('keeps nothing in the mode low, or where it cannot write', async () => {
  const first = await run({ cache: undefined });
  await run({ memory: 'low' });
  expect(existsSync(at('cache'))).toBe(false);
  await writeFile(at('a file'), '');
  expect(await run({ cache: path.join(at('a file'), 'cache') })).toEqual(first);
});

it('makes room by removing what was used least recently', async () => {
  await mkdir(at('cache'));
  for (const [i, name] of ['old', 'new', 'newest'].entries()) {
    const file = path.join(at('cache'), `${name}.onnx`);
    await writeFile(file, new Uint8Array(100));
    await utimes(file, 1000 + i, 1000 + i);
  }
  await makeRoom(at('cache'), 250);
  expect(await kept()).toEqual(['new.onnx', 'newest.onnx']);
});
