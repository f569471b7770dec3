/** Trains the toy task in a process of its own, which tests kill: `toy-run.ts DIRECTORY OPTIONS`. */
import { trainerSchema } from '../../src/training/config.js';
import { train } from '../../src/training/trainer.js';
import { openToyTask } from './toy-task.js';

export interface ToyRunOptions {
  readonly trainer: Record<string, unknown>;
  readonly resume: boolean;
  readonly delayMs: number;
}

const [directory = '', json = ''] = process.argv.slice(2);
const options = JSON.parse(json) as ToyRunOptions;
const controller = new AbortController();
process.once('SIGTERM', () => controller.abort());

const result = await train(openToyTask(options), trainerSchema.parse(options.trainer), {
  directory,
  resume: options.resume,
  signal: controller.signal,
  onStep: ({ step }) => process.stdout.write(`step ${step}\n`),
});
process.stdout.write(`${result.reason}\n`);
