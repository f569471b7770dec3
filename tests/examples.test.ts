import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { packageRoot } from '../src/package-root.js';

vi.setConfig({ testTimeout: 240_000 });

let out: string;

beforeAll(async () => {
  out = await mkdtemp(path.join(os.tmpdir(), 'featinv-examples-'));
});

afterAll(() => rm(out, { recursive: true }));

/** Arguments of each example, what it writes, and what it prints. */
const EXAMPLES: readonly [name: string, args: () => string[], written: string, printed: RegExp][] =
  [
    ['find-concepts', () => ['photos', out], 'concepts.safetensors', /^8 concepts of efficientnet/],
    [
      'steer-a-concept',
      () => ['photos/macaw.jpg', path.join(out, 's.png')],
      's.png',
      /× 0: asked 0\.00/,
    ],
    [
      'mix-two-pictures',
      () => ['photos/cat.jpg', 'photos/macaw.jpg', path.join(out, 'm.gif')],
      'm.gif',
      /α 0\.5: cosine/,
    ],
    ['why-this-class', () => ['photos/coffee.jpg'], '', /espresso: logit − bias = /],
  ];

it.each(EXAMPLES)('examples/%s.mjs runs', (name, args, written, printed) => {
  const script = path.join('examples', `${name}.mjs`);
  const printedText = execFileSync(process.execPath, [script, ...args()], {
    cwd: packageRoot(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(printedText).toMatch(printed);
  expect(existsSync(path.join(out, written))).toBe(true);
});

it('tests every example', async () => {
  const files = await readdir(path.join(packageRoot(), 'examples'));
  expect(files.sort()).toEqual(EXAMPLES.map(([name]) => `${name}.mjs`).sort());
});
