import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { defineCommand, required } from '../../src/cli/command.js';
import { text } from '../../src/cli/option-parsers.js';
import { runCli } from '../../src/cli/program.js';
import type { RegisteredCommand } from '../../src/cli/registry.js';

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

const named = (name: string, summary: string): RegisteredCommand => ({
  name,
  summary,
  load: async () => ({
    command: defineCommand({
      positionals: '[names...]',
      options: { images: required('--images <dir>', 'pictures', text) },
      examples: [`featinv ${name} --images photos`],
      async run({ args, options, context }) {
        context.report({ name, args, ...options }, name);
      },
    }),
  }),
});

const run = (...args: string[]): Promise<number> =>
  runCli(args, [
    named('demo', 'try it'),
    named('concepts fit', 'find concepts'),
    named('concepts show', 'show concepts'),
    named('fit', 'fit a hat'),
  ]);

describe('commands of two words', () => {
  it('run with their own options', async () => {
    expect(await run('concepts', 'fit', '--images', 'demo', 'show', '--json')).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ name: 'concepts fit', args: ['show'], images: 'demo' });
  });

  it('leave commands of the same last word alone', async () => {
    expect(await run('fit', '--images', 'x')).toBe(0);
    expect(stdout).toBe('fit\n');
  });

  it('are listed by the help of their group, and by all help in full', async () => {
    expect(await run('concepts')).toBe(0);
    const help = stdout;
    expect(help).toContain('Usage: featinv concepts');
    expect(help).toContain('Finds the concepts');
    expect(help).toMatch(/^ {2}fit +find concepts\n {2}show +show concepts$/m);
    stdout = '';
    expect(await run('concepts', '--help')).toBe(0);
    expect(stdout).toBe(help);
    stdout = '';
    expect(await run('--help')).toBe(0);
    expect(stdout).toMatch(
      /^ {2}demo +try it\n {2}concepts fit +find concepts\n {2}concepts show +show concepts\n/m,
    );
    expect(stdout).toMatch(/^ {2}fit +fit a hat\n {2}help/m);
  });

  it.each([[['concepts', 'fit', '--help']], [['concepts', 'help', 'fit']]])(
    'explain themselves to %j',
    async (args) => {
      expect(await run(...args)).toBe(0);
      expect(stdout).toContain('Usage: featinv concepts fit [options] [names...]');
      expect(stdout).toContain('Examples:\n  featinv concepts fit --images photos');
    },
  );

  it.each([
    [
      ['concepts', 'fti'],
      'there is no command "concepts fti"; did you mean "featinv concepts fit"?',
    ],
    [
      ['concepts', 'frobnicate'],
      'there is no command "concepts frobnicate"; featinv concepts --help lists them all',
    ],
    [['concept', 'fit'], 'there is no command "concept"; did you mean "featinv concepts"?'],
    [['concepts-fit'], 'there is no command "concepts-fit"; did you mean "featinv concepts fit"?'],
    [['concepts', '--jsn'], 'unknown option \'--jsn\'; see "featinv concepts --help"'],
    [
      ['concepts', 'fit'],
      'required option \'--images <dir>\' not specified; see "featinv concepts fit --help"',
    ],
    [
      ['concepts', 'fit', '--images', 'x', '--imges'],
      'unknown option \'--imges\' (did you mean --images?); see "featinv concepts fit --help"',
    ],
  ])('answer %j with one line and exit code 2', async (args, message) => {
    expect(await run(...args)).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe(`featinv: ${message}\n`);
  });
});
