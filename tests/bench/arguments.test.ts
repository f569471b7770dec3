import { spawnSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseBenchArguments, USAGE } from '../../bench/arguments.js';
import { InputError } from '../../src/errors.js';
import { packageRoot } from '../../src/package-root.js';

it('measures everything with all cores by default', () => {
  expect(parseBenchArguments([])).toMatchObject({
    quick: false,
    peer: false,
    only: undefined,
    threads: os.availableParallelism(),
    turns: 7,
  });
});

it('shortens turns for --quick, unless told otherwise', () => {
  expect(parseBenchArguments(['--quick']).turns).toBeLessThan(7);
  expect(parseBenchArguments(['--quick', '--turns', '9']).turns).toBe(9);
});

it('compares with both precisions of the peer, or with one', () => {
  expect(parseBenchArguments(['--peer']).precisions).toEqual(['fp32', 'bf16']);
  expect(parseBenchArguments(['--peer', '--precision', 'bf16']).precisions).toEqual(['bf16']);
});

it('finds rows by a pattern, whatever the case', () => {
  expect(parseBenchArguments(['--only', 'resnet|SWIN']).only!.test('extraction swinv2')).toBe(true);
});

it.each([
  [['--threads', '0'], '--threads takes a whole number from 1, got "0"'],
  [['--turns', 'many'], '--turns takes a whole number from 1, got "many"'],
  [['--seconds', '1.5'], '--seconds takes a whole number from 1, got "1.5"'],
  [['--precision', 'int8'], '--precision takes fp32 or bf16, got "int8"'],
  [['--only', '('], '--only takes a regular expression'],
  [['--fast'], "Unknown option '--fast'"],
  [['resnet'], "Unexpected argument 'resnet'"],
])('refuses %j', (args, message) => {
  expect(() => parseBenchArguments(args)).toThrow(InputError);
  expect(() => parseBenchArguments(args)).toThrow(message);
});

it('explains every option', () => {
  for (const option of ['quick', 'only', 'list', 'peer', 'precision', 'profile', 'into', 'json']) {
    expect(USAGE).toContain(`--${option}`);
  }
});

it('ends with exit code 2 and a sentence for what it does not understand', () => {
  const root = packageRoot();
  const loader = path.join(root, 'tests', 'support', 'typescript-loader.mjs');
  const bench = (...args: string[]) =>
    spawnSync(
      process.execPath,
      ['--import', loader, path.join(root, 'bench', 'main.ts'), ...args],
      {
        encoding: 'utf8',
      },
    );
  const nothing = bench('--only', 'no such row');
  expect(nothing.status).toBe(2);
  expect(nothing.stderr).toBe('no row matches /no such row/i: --list prints their names\n');
  expect(nothing.stdout).toBe('');
  const listed = bench('--list', '--only', 'first image');
  expect([listed.status, listed.stdout]).toEqual([0, 'process start to first image\n']);
});
