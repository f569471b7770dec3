import { spawn } from 'node:child_process';
import path from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { packageRoot } from '../../src/package-root.js';
import { packageVersion } from '../../src/cli/package-version.js';
import { buildCli, collect, runFeatinv } from './run-featinv.js';

beforeAll(buildCli);

describe('usage errors', () => {
  it.each([
    [['doctr'], 'there is no command "doctr"; did you mean "featinv doctor"?'],
    [['frobnicate'], 'there is no command "frobnicate"; featinv --help lists them all'],
    [['--verbose'], 'unknown option \'--verbose\'; see "featinv --help"'],
    [
      ['doctor', '--jsn'],
      'unknown option \'--jsn\' (did you mean --json?); see "featinv doctor --help"',
    ],
    [
      ['doctor', 'photo.jpg'],
      'too many arguments for \'doctor\', expected 0 arguments but got 1; see "featinv doctor --help"',
    ],
    [['doctor', '--seed'], 'option \'--seed <n>\' argument missing; see "featinv doctor --help"'],
    [['doctor', '--threads', '-3'], '--threads must be an integer from 1 to 1024, got "-3"'],
    [['doctor', '--seed', '1.5'], '--seed must be an integer from 0 to 4294967295, got "1.5"'],
    [['doctor', '--device', 'tpu'], '--device must be one of cpu, webgpu, cuda, got "tpu"'],
    [['doctor', '--model', ''], '--model must not be empty'],
  ])('answers %j with one line and exit code 2', async (args, message) => {
    expect(await runFeatinv(args)).toEqual({
      code: 2,
      stdout: '',
      stderr: `featinv: ${message}\n`,
    });
  });

  it('adds the stack under --debug, after the line', async () => {
    const { code, stderr } = await runFeatinv(['doctor', '--threads', 'x', '--debug']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^featinv: --threads must .*\n.*InputError.*\n\s+at /);
  });
});

describe('help and version', () => {
  it('prints the version of package.json', async () => {
    const expected = { code: 0, stdout: `${packageVersion()}\n`, stderr: '' };
    expect(await runFeatinv(['--version'])).toEqual(expected);
  });

  it('prints help on stdout when called without a command', async () => {
    const { code, stdout, stderr } = await runFeatinv([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: featinv');
    expect(stdout).toContain('doctor');
  });

  it('shows the options and examples of a command', async () => {
    const { code, stdout } = await runFeatinv(['doctor', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/--json[^]*--seed[^]*--threads[^]*--device[^]*--model[^]*--debug/);
    expect(stdout).toContain('Examples:\n  featinv doctor');
  });
});

describe('pipes and signals', () => {
  it('survives a reader that has gone', async () => {
    const main = path.join(packageRoot(), 'dist', 'cli', 'main.js');
    const child = spawn(process.execPath, [main, 'doctor', '--json']);
    child.stdout.destroy();
    const { code, stderr } = await collect(child);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.each([
    { listens: false, stdout: 'ready\n', stderr: 'featinv: interrupted\n' },
    { listens: true, stdout: 'ready\nstate saved\n', stderr: '' },
  ])(
    'ends with 130 at an interruption (command listens: $listens)',
    async ({ listens, stdout, stderr }) => {
      const script = path.join(packageRoot(), 'tests', 'cli', 'fixtures', 'wait.mjs');
      const child = spawn(process.execPath, listens ? [script, '--listens'] : [script]);
      const result = collect(child);
      child.stdout.once('data', () => child.kill('SIGINT'));
      expect(await result).toEqual({ code: 130, stdout, stderr });
    },
  );
});
