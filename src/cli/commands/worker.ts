import { readQueueAddress, runWorker, type WorkerEvent } from '../../queue/index.js';
import { openStorage } from '../../storage/index.js';
import { defaulted, defineCommand, optional } from '../command.js';
import { integer, text } from '../option-parsers.js';
import { QUEUE_PLACE, storagePlace } from '../queue-options.js';

export const command = defineCommand({
  description:
    'Takes orders from the queue and puts results into the storage, until Ctrl-C or SIGTERM: then it ' +
    'finishes its job and ends. Any number of workers on any number of machines share the work; one that ' +
    'is killed loses nothing but time. Its log goes to stderr, with --json one JSON object per line.',
  options: {
    ...QUEUE_PLACE,
    name: optional('--name <name>', 'name in logs (default: host and process)', text),
    rate: optional(
      '--rate <n>',
      'jobs that all workers together begin in a minute, at most',
      integer(1),
    ),
    lostAfter: defaulted(
      '--lost-after <seconds>',
      'a worker that is silent for so long has lost its job to others',
      integer(2, 86_400),
      20,
    ),
    metricsPort: optional(
      '--metrics-port <n>',
      'answer Prometheus at http://HOST:<n>/metrics',
      integer(1, 65_535),
    ),
    host: defaulted('--host <address>', 'where --metrics-port answers', text, '127.0.0.1'),
  },
  examples: [
    'featinv worker --queue redis://localhost:6379 --storage /mnt/shared',
    'featinv worker --queue rediss://queue.example.org --storage s3://bucket/featinv',
    'featinv worker --queue redis://localhost:6379 --storage /mnt/shared --metrics-port 9100 --json',
  ],
  async run({ options, context }) {
    const { json } = context.common;
    const place = storagePlace(options.storage);
    const { metricsPort: port, host } = options;
    // Opened once here: a worker without a storage is told so at once.
    await openStorage(place);
    const signal = context.abortSignal();
    await runWorker({
      address: await readQueueAddress(options.queue),
      storage: place,
      session: context.session,
      name: options.name,
      perMinute: options.rate,
      lostAfter: options.lostAfter,
      ...(port !== undefined && { metrics: { host, port } }),
      signal,
      log: (event) => context.note(json ? stamped(event) : describe(event)),
    });
  },
});

const stamped = (event: WorkerEvent): string =>
  JSON.stringify({ time: new Date().toISOString(), ...event });

function describe(event: WorkerEvent): string {
  switch (event.event) {
    case 'ready':
      return `${event.worker} takes orders from ${event.queue}; results go to ${event.storage}`;
    case 'begun':
      return `${nameOf(event)} begun${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`;
    case 'done':
      return event.wasThere
        ? `${nameOf(event)} was done already`
        : `${nameOf(event)} done in ${event.seconds.toFixed(1)} s`;
    case 'failed':
      return `${nameOf(event)} failed${event.isFinal ? ' and was set aside' : ', to be tried again'}: ${event.error}`;
    case 'note':
      return `${nameOf(event)}: ${event.line}`;
    case 'stalled':
      return `${event.job} was lost by another worker and is taken over`;
    case 'trouble':
      return `the queue does not answer (${event.reason}); waiting for it`;
    case 'draining':
      return 'finishing the current job';
    case 'stopped':
      return 'stopped';
  }
}

const nameOf = ({ kind, plan, unit }: { kind: string; plan: string; unit: number }): string =>
  `${kind} ${plan.slice(0, 8)} part ${unit + 1}`;
