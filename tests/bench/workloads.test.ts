import path from 'node:path';
import { expect, it } from 'vitest';
import { WorkProcess } from '../../bench/work-process.js';
import { openWorkload } from '../../bench/workloads/index.js';
import { allWorks } from '../../bench/works.js';
import { InputError, WorkError } from '../../src/errors.js';
import { packageRoot } from '../../src/package-root.js';

const root = packageRoot();
const worker = [
  process.execPath,
  '--import',
  path.join(root, 'tests', 'support', 'typescript-loader.mjs'),
  path.join(root, 'bench', 'worker.ts'),
] as const;

const op = { kind: 'op', op: 'conv3x3', shape: [1, 4, 8, 8], repeats: 1 };
/** Two operations for each of 4·9 products of a value. */
const CONV_FLOPS = 2 * 36 * (4 * 8 * 8);

it('gives every row a name of its own, the machine’s rate being the first', async () => {
  const names = (await allWorks()).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names[0]).toMatch(/^matmul/);
});

it('measures in a process of its own', async () => {
  const request = { threads: 1, precision: 'fp32', layout: 'contiguous' } as const;
  const spec = { ...op, pass: 'weight gradient' };
  const { process, opened } = await WorkProcess.open('a gradient', worker, {
    open: spec,
    ...request,
  });
  const times = await process.run(3, 1);
  const peakRssMB = await process.end();
  expect(times).toHaveLength(3);
  expect(Math.min(...times)).toBeGreaterThan(0);
  expect(peakRssMB).toBeGreaterThan(30);
  expect(opened.flops).toBeGreaterThanOrEqual(CONV_FLOPS);
});

it('hands on why the work cannot be opened', async () => {
  const opening = WorkProcess.open('nonsense', worker, {
    open: { kind: 'nonsense' },
    threads: 1,
    precision: 'fp32',
    layout: 'contiguous',
  });
  await expect(opening).rejects.toThrow(WorkError);
  await expect(opening).rejects.toThrow('nonsense failed: there is no work of kind "nonsense"');
  await expect(openWorkload({ kind: 'nonsense' }, 1)).rejects.toThrow(InputError);
});

it.each(['frozen', 'forward', 'input gradient'])(
  'counts and times a convolution, %s',
  async (pass) => {
    const spec = { ...op, pass };
    const workload = await openWorkload(spec, 1);
    expect(await workload.run(2)).toHaveLength(2);
    expect(workload.flops).toBe(CONV_FLOPS);
    await workload.dispose();
  },
);

it.each([
  ['matmul', [4, 8]],
  ['attention', [1, 4, 16]],
  ['group norm', [1, 32, 2, 2]],
  ['layer norm', [1, 4, 8]],
  ['gelu', [1, 4, 8]],
])('has forward and gradients of %s, several in a row', async (name, shape) => {
  for (const pass of ['forward', 'gradients']) {
    const spec = { kind: 'op', op: name, shape, pass, repeats: 2 };
    const workload = await openWorkload(spec, 1);
    expect(await workload.run(1)).toHaveLength(1);
    await workload.dispose();
  }
});
