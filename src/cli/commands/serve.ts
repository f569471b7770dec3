import path from 'node:path';
import { errorMessage } from '../../errors.js';
import { featinvHome } from '../../featinv-home.js';
import { startStudio } from '../../server/start-studio.js';
import { defaulted, defineCommand, optional } from '../command.js';
import { integer, text } from '../option-parsers.js';

const DEFAULT_PORT = 8484;

export const command = defineCommand({
  description:
    'Opens the studio: a page on which to look at what classifiers see, to steer concepts and to mix ' +
    'pictures. Prints its address and runs until Ctrl-C; jobs that were not done go on at the next ' +
    'start. It answers to this machine alone; with --host, to whoever has the token in the printed ' +
    'address, unencrypted. --model is offered first, beside the shipped inverters.',
  options: {
    port: defaulted(
      '--port <n>',
      'port to listen at; 0 takes a free one',
      integer(0, 65_535),
      DEFAULT_PORT,
    ),
    host: optional('--host <address>', 'address to listen at (default: 127.0.0.1)', text),
    data: optional(
      '--data <dir>',
      'where pictures, results and concepts are kept (default: studio in FEATINV_HOME)',
      text,
    ),
    reports: defaulted(
      '--reports <dir>',
      'where `featinv experiment` has put its reports',
      text,
      path.join('runs', 'experiments'),
    ),
    runs: defaulted('--runs <dir>', 'where `featinv train` has put its runs', text, 'runs'),
  },
  examples: ['featinv serve', 'featinv serve --port 9000 --data studio'],
  async run({ options, context }) {
    const { model, debug } = context.common;
    const stop = context.abortSignal();
    const studio = await startStudio({
      ...options,
      data: options.data ?? path.join(featinvHome(), 'studio'),
      model,
      session: context.session,
      onDefect: (error) => {
        const isTold = debug && error instanceof Error && error.stack !== undefined;
        context.note(`featinv: ${isTold ? error.stack : errorMessage(error)}`);
      },
    });
    const { url, data } = studio;
    context.report({ url, data }, url);
    context.keep('jobs that were not done go on at the next start');
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener('abort', () => resolve());
    });
    await studio.close();
  },
});
