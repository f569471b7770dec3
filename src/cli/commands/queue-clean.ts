import { readQueueAddress, WorkQueue } from '../../queue/index.js';
import { defineCommand, flag } from '../command.js';
import { QUEUE_PLACE } from '../queue-options.js';

export const command = defineCommand({
  description:
    'Forgets parts of work that were set aside as failed, and with --waiting also those that nobody has ' +
    'begun. Results stay.',
  options: {
    queue: QUEUE_PLACE.queue,
    waiting: flag('--waiting', 'forget what waits, too'),
  },
  examples: [
    'featinv queue clean --queue redis://localhost:6379',
    'featinv queue clean --queue redis://localhost:6379 --waiting',
  ],
  async run({ options, context }) {
    const queue = await WorkQueue.open(await readQueueAddress(options.queue));
    try {
      const removed = await queue.clean(options.waiting);
      context.report({ removed }, `${removed} parts forgotten`);
    } finally {
      await queue.close();
    }
  },
});
