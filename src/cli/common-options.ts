import type { OptionValues, OutputKind } from './command.js';
import { flag, optional, defaulted } from './command.js';
import { memoryModes } from '../runtime/memory-mode.js';
import { choice, integer, text } from './option-parsers.js';

export const DEVICES = ['cpu', 'webgpu', 'cuda'] as const;
export type DeviceName = (typeof DEVICES)[number];

/** Seeds fit 32 bits. */
export const MAX_SEED = 2 ** 32 - 1;

/** What every command takes. */
export const COMMON_OPTIONS = {
  json: flag('--json', 'print one JSON document on stdout'),
  seed: optional('--seed <n>', 'same seed, same machine: same bytes', integer(0, MAX_SEED)),
  threads: optional(
    '--threads <n>',
    'threads to compute with (default: one per core)',
    integer(1, 1024),
  ),
  device: defaulted('--device <name>', 'cpu, webgpu or cuda', choice(DEVICES), 'cpu'),
  memory: optional(
    '--memory <mode>',
    'fast, or low: weights stay in their files (default: low for Stable Diffusion, else fast)',
    choice(memoryModes),
  ),
  model: optional('--model <name|dir>', 'inverter to use (default: the shipped one)', text),
  debug: flag('--debug', 'show the stack of an error'),
};

const OUTPUT_OPTIONS = {
  directory: optional('--out <dir>', 'directory to write to', text),
  file: optional('--out <file>', 'file to write', text),
};

/** `--out`, for a command that writes. */
export function outputOption(kind: OutputKind): (typeof OUTPUT_OPTIONS)[OutputKind] {
  return OUTPUT_OPTIONS[kind];
}

export type CommonOptions = OptionValues<typeof COMMON_OPTIONS> & {
  /** Undefined when not given, or where the command writes nothing. */
  readonly out: string | undefined;
};
