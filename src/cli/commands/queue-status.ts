import { readQueueAddress, WorkQueue } from '../../queue/index.js';
import { defineCommand } from '../command.js';
import { QUEUE_PLACE } from '../queue-options.js';
import { formatTable } from '../table.js';

export const command = defineCommand({
  description:
    'Shows how many parts of work wait, run or failed, which workers are connected, and why failed parts ' +
    'were set aside.',
  options: { queue: QUEUE_PLACE.queue },
  examples: ['featinv queue status --queue redis://localhost:6379'],
  async run({ options, context }) {
    const address = await readQueueAddress(options.queue);
    const queue = await WorkQueue.open(address);
    try {
      const [counts, workers, failed] = [
        await queue.counts(),
        await queue.workers(),
        await queue.failures(),
      ];
      context.report({ queue: address.shown, ...counts, workers, failures: failed }, () => {
        const rows = failed.map(({ kind, plan, unit, attempts, error }) => [
          ...[kind, plan.slice(0, 8), String(unit + 1), String(attempts), error],
        ]);
        const now = Date.now();
        const busy = workers.map(({ worker, done, failed, doing }) => [
          worker,
          doing ? `${doing.kind} ${doing.plan.slice(0, 8)} part ${doing.unit + 1}` : 'nothing',
          doing ? ((now - doing.since) / 1000).toFixed(0) : '',
          ...[String(done), String(failed)],
        ]);
        return [
          `${address.shown}: ${counts.waiting} waiting, ${counts.active} running, ` +
            `${counts.delayed} to be tried again, ${counts.failed} failed`,
          ...(busy.length === 0
            ? ['no workers']
            : ['', formatTable(['worker', 'does', 's', 'done', 'failed'], busy)]),
          ...(rows.length === 0
            ? []
            : ['', formatTable(['failed', 'plan', 'part', 'attempts', 'error'], rows)]),
        ].join('\n');
      });
    } finally {
      await queue.close();
    }
  },
});
