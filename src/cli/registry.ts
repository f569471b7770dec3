import type { CliCommand } from './command.js';

export interface RegisteredCommand {
  /** One word, or a group and a word of it: `concepts fit`. */
  readonly name: string;
  /** One line for `featinv --help`. */
  readonly summary: string;
  /** It computes for longer than somebody who interrupts it waits: it gets a process of its own. */
  readonly isLong?: boolean;
  /** Loaded when the command is called: help and errors need no runtime libraries. */
  readonly load: () => Promise<{ readonly command: CliCommand }>;
}

/** What the help of a group of two-word commands begins with, by its word. */
export const COMMAND_GROUPS: Readonly<Record<string, string>> = {
  concepts: 'Finds the concepts that a layer is made of, and shows them.',
  queue: 'Shows and tends the queue that workers take their orders from.',
};

/** In the order of the help text. */
export const COMMANDS: readonly RegisteredCommand[] = [
  {
    name: 'demo',
    summary: 'reconstruct the shipped photographs and make a page of them',
    isLong: true,
    load: () => import('./commands/demo.js'),
  },
  {
    name: 'reconstruct',
    summary: 'draw what a classifier kept of pictures',
    isLong: true,
    load: () => import('./commands/reconstruct.js'),
  },
  {
    name: 'mix',
    summary: 'compose the maps of pictures and draw the results',
    isLong: true,
    load: () => import('./commands/mix.js'),
  },
  {
    name: 'interpolate',
    summary: 'animate the way from one picture to another',
    isLong: true,
    load: () => import('./commands/interpolate.js'),
  },
  {
    name: 'concepts fit',
    summary: 'find the concepts that a layer is made of',
    isLong: true,
    load: () => import('./commands/concepts-fit.js'),
  },
  {
    name: 'concepts show',
    summary: 'make a page of cards, one for each concept',
    isLong: true,
    load: () => import('./commands/concepts-show.js'),
  },
  {
    name: 'steer',
    summary: 'draw a picture with one of its concepts weaker or stronger',
    isLong: true,
    load: () => import('./commands/steer.js'),
  },
  {
    name: 'attack',
    summary: 'fool the classifier and draw what it saw',
    isLong: true,
    load: () => import('./commands/attack.js'),
  },
  {
    name: 'corrupt',
    summary: 'corrupt pictures by noise, blur, weather and digital damage',
    isLong: true,
    load: () => import('./commands/corrupt.js'),
  },
  {
    name: 'classify',
    summary: 'name what pictures show',
    load: () => import('./commands/classify.js'),
  },
  {
    name: 'features',
    summary: 'write the feature map of a picture',
    isLong: true,
    load: () => import('./commands/features.js'),
  },
  {
    name: 'evaluate',
    summary: 'measure an inverter on photographs',
    isLong: true,
    load: () => import('./commands/evaluate.js'),
  },
  {
    name: 'experiment',
    summary: 'run a declared grid of evaluations and make a report',
    isLong: true,
    load: () => import('./commands/experiment.js'),
  },
  {
    name: 'worker',
    summary: 'do work that other machines ordered with --queue',
    load: () => import('./commands/worker.js'),
  },
  {
    name: 'queue status',
    summary: 'show what waits, what runs and what failed',
    load: () => import('./commands/queue-status.js'),
  },
  {
    name: 'queue retry',
    summary: 'try again what was set aside as failed',
    load: () => import('./commands/queue-retry.js'),
  },
  {
    name: 'queue clean',
    summary: 'forget what was set aside as failed',
    load: () => import('./commands/queue-clean.js'),
  },
  {
    name: 'serve',
    summary: 'open the studio: a page to look, steer and mix on',
    isLong: true,
    load: () => import('./commands/serve.js'),
  },
  {
    name: 'models',
    summary: 'list classifiers, base models and inverters',
    load: () => import('./commands/models.js'),
  },
  {
    name: 'pull',
    summary: 'fetch pretrained models',
    load: () => import('./commands/pull.js'),
  },
  {
    name: 'tensors',
    summary: 'list what a checkpoint of any format holds',
    load: () => import('./commands/tensors.js'),
  },
  {
    name: 'convert',
    summary: 'write a checkpoint of any format as safetensors',
    load: () => import('./commands/convert.js'),
  },
  {
    name: 'doctor',
    summary: 'report devices, threads and versions',
    load: () => import('./commands/doctor.js'),
  },
  {
    name: 'train',
    summary: 'train an autoencoder, a denoiser or an inverter',
    isLong: true,
    load: () => import('./commands/train.js'),
  },
  {
    name: 'init',
    summary: 'make an untrained inverter from a base model',
    isLong: true,
    load: () => import('./commands/init.js'),
  },
];
