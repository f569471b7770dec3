import type { CliCommand } from './command.js';

export interface RegisteredCommand {
  readonly name: string;
  /** One line for `featinv --help`. */
  readonly summary: string;
  /** Loaded when the command is called: help and errors need no runtime libraries. */
  readonly load: () => Promise<{ readonly command: CliCommand }>;
}

/** In the order of the help text. */
export const COMMANDS: readonly RegisteredCommand[] = [
  {
    name: 'doctor',
    summary: 'report devices, threads and versions',
    load: () => import('./commands/doctor.js'),
  },
  {
    name: 'train',
    summary: 'train an autoencoder, a denoiser or an inverter',
    load: () => import('./commands/train.js'),
  },
];
