/** The command line of `npm run bench`. */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { errorMessage, InputError } from '../src/errors.js';
import type { Precision } from './protocol.js';

export interface BenchArguments {
  readonly json: boolean;
  readonly quick: boolean;
  readonly peer: boolean;
  /** Those of the peer. */
  readonly precisions: readonly Precision[];
  readonly profile: boolean;
  readonly list: boolean;
  readonly help: boolean;
  /** Rows whose names match; all without it. */
  readonly only: RegExp | undefined;
  readonly threads: number;
  readonly turns: number;
  /** For each row. */
  readonly seconds: number;
  /** A file of results that this run's rows are added to. */
  readonly into: string | undefined;
}

export const USAGE = `npm run bench -- [options]

Measures this machine: rates of operations, training, sampling, extraction, memory.
The rows of full size fill .cache/bench-weights with 6.5 GB of made-up weights, once.

  --quick          the quick rows only, in under a minute
  --only PATTERN   rows whose names match a regular expression
  --list           prints the names of the rows and ends
  --peer           beside PyTorch, diffusers and timm, which are installed into bench/.venv (7 GB)
  --precision P    fp32 or bf16, of the peer; default: one after the other
  --profile        prints ONNX Runtime's time by type of op for each row; measures nothing else
  --into FILE      adds the rows to the results in a JSON file, and prints all of them
  --json           prints JSON instead of tables
  --threads N      of every process; default: one for each core
  --turns N        turns of each process in a row; default 7
  --seconds N      begins no further turn of a row after so long; default 60
`;

/** Throws InputError for what it does not understand. */
export function parseBenchArguments(args: readonly string[]): BenchArguments {
  const { values } = parse(args);
  return {
    json: values.json ?? false,
    quick: values.quick ?? false,
    peer: values.peer ?? false,
    precisions: precisionsOf(values.precision),
    profile: values.profile ?? false,
    list: values.list ?? false,
    help: values.help ?? false,
    only: values.only === undefined ? undefined : pattern(values.only),
    threads: wholeNumber('--threads', values.threads, os.availableParallelism()),
    turns: wholeNumber('--turns', values.turns, values.quick ? 3 : 7),
    seconds: wholeNumber('--seconds', values.seconds, values.quick ? 5 : 60),
    into: values.into,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        quick: { type: 'boolean' },
        peer: { type: 'boolean' },
        precision: { type: 'string' },
        profile: { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
        only: { type: 'string' },
        threads: { type: 'string' },
        turns: { type: 'string' },
        seconds: { type: 'string' },
        into: { type: 'string' },
      },
    });
  } catch (error) {
    throw new InputError(`${errorMessage(error)} (see npm run bench -- --help)`);
  }
}

function precisionsOf(text: string | undefined): Precision[] {
  if (text === undefined) return ['fp32', 'bf16'];
  if (text === 'fp32' || text === 'bf16') return [text];
  throw new InputError(`--precision takes fp32 or bf16, got "${text}"`);
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch (error) {
    throw new InputError(`--only takes a regular expression: ${errorMessage(error)}`);
  }
}

function wholeNumber(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InputError(`${flag} takes a whole number from 1, got "${text}"`);
}
