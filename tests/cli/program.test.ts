import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { InputError, WorkError } from '../../src/errors.js';
import {
  type CliCommand,
  defaulted,
  defineCommand,
  flag,
  optional,
  required,
} from '../../src/cli/command.js';
import { integer, list, real, text } from '../../src/cli/option-parsers.js';
import { runCli } from '../../src/cli/program.js';

let stdout = '';
let stderr = '';

beforeEach(() => {
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(
    (chunk) => ((stdout += String(chunk)), true),
  );
  vi.spyOn(process.stderr, 'write').mockImplementation(
    (chunk) => ((stderr += String(chunk)), true),
  );
});
afterEach(() => vi.restoreAllMocks());

const run = (command: CliCommand, ...args: string[]) =>
  runCli(['try', ...args], [{ name: 'try', summary: 'try', load: async () => ({ command }) }]);

const throwing = (error: unknown) =>
  defineCommand({
    examples: [],
    run: () => Promise.reject(error as Error),
  });

describe('options of a command', () => {
  const command = defineCommand({
    positionals: '[images...]',
    writes: 'directory',
    options: {
      steps: optional('--steps <n>', 'steps', integer(1, 1000)),
      samples: defaulted('--samples <n>', 'samples', integer(1), 1),
      scale: defaulted('--scale <list>', 'scales', list(real(-10, 10)), [0]),
      layer: required('--layer <name>', 'layer', text),
      guidanceMode: optional('--guidance-mode <mode>', 'mode', text),
      pooled: flag('--pooled', 'pooled'),
    },
    examples: [],
    async run({ args, options, context }) {
      context.report({ args, options, out: context.common.out, seed: context.common.seed }, 'text');
    },
  });

  it('gives typed values, defaults and positional arguments', async () => {
    const args = ['a.jpg', 'b.jpg', '--layer', 'head', '--scale=-2,0.5', '--out', 'x', '--json'];
    expect(await run(command, ...args, '--guidance-mode', 'joint')).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      args: ['a.jpg', 'b.jpg'],
      options: {
        samples: 1,
        scale: [-2, 0.5],
        layer: 'head',
        guidanceMode: 'joint',
        pooled: false,
      },
      out: 'x',
    });
  });

  it('prints the text without --json', async () => {
    await run(command, '--layer', 'head', '--pooled', '--seed', '7');
    expect(stdout).toBe('text\n');
  });

  it('refuses a missing option by name', async () => {
    expect(await run(command)).toBe(2);
    expect(stderr).toBe(
      'featinv: required option \'--layer <name>\' not specified; see "featinv try --help"\n',
    );
  });
});

describe('exit codes', () => {
  it.each([
    [new InputError('cat.jpg is not an image'), 2, 'featinv: cat.jpg is not an image\n'],
    [new WorkError('the disk is full'), 1, 'featinv: the disk is full\n'],
    [
      new TypeError('x is undefined\nsecond line'),
      1,
      'featinv: x is undefined second line (this is a defect of featinv; --debug shows where)\n',
    ],
    [new DOMException('stopped', 'AbortError'), 130, 'featinv: interrupted\n'],
  ])('ends %s with its code and one line', async (error, code, line) => {
    expect(await run(throwing(error))).toBe(code);
    expect(stderr).toBe(line);
  });

  it('does the other inputs when one is bad, and says so at the end', async () => {
    const command = defineCommand({
      positionals: '<images...>',
      examples: [],
      async run({ args, context }) {
        const results = await context.eachInput(args, async (name) => {
          if (name === 'bad') throw new InputError('bad is not an image');
          if (name === 'failed') throw new WorkError('failed could not be done');
          return name;
        });
        context.report(results, results.join(' '));
      },
    });
    expect(await run(command, 'a', 'bad', 'b', 'failed')).toBe(2);
    expect(stdout).toBe('a b\n');
    expect(stderr).toBe('featinv: bad is not an image\nfeatinv: failed could not be done\n');
    expect(await run(command, 'a', 'failed')).toBe(1);
    expect(await run(command, 'a')).toBe(0);
  });
});
