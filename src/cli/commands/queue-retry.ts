import { readQueueAddress, WorkQueue } from '../../queue/index.js';
import { defineCommand } from '../command.js';
import { QUEUE_PLACE } from '../queue-options.js';

export const command = defineCommand({
  description: 'Puts parts of work that were set aside as failed back into the queue.',
  options: { queue: QUEUE_PLACE.queue },
  examples: ['featinv queue retry --queue redis://localhost:6379'],
  async run({ options, context }) {
    const queue = await WorkQueue.open(await readQueueAddress(options.queue));
    try {
      const retried = await queue.retry();
      context.report({ retried }, `${retried} parts wait again`);
    } finally {
      await queue.close();
    }
  },
});
