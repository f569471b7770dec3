/** The process that computes for a worker. It may die without harm: the worker lives, and tries the job again. */
import { errorMessage, InputError } from '../errors.js';
import { openStorage } from '../storage/index.js';
import { Workbench } from '../work/index.js';
import { WORKER_SETTINGS, type Answer, type WorkerSettings } from './worker-settings.js';
import type { Order } from './order.js';

const settings = JSON.parse(process.env[WORKER_SETTINGS]!) as WorkerSettings;
let notes: string[] = [];
const bench = openStorage(settings.storage).then(
  (storage) => new Workbench(storage, settings.session, (line) => notes.push(line)),
);
// Told with the first order.
bench.catch(() => undefined);

process.on('message', (order: Order) => void work(order).then((answer) => process.send!(answer)));
// Services signal all their processes: the worker decides when the job is over, by ending the connection.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
// A worker that was killed has nobody to answer to; others do its job.
process.on('disconnect', () => process.exit());

async function work({ plan, unit }: Order): Promise<Answer> {
  notes = [];
  try {
    const done = await (await bench).do(plan, unit);
    return { ...done, notes, memory: process.memoryUsage().rss };
  } catch (error) {
    // What is wrong with the input is wrong at the next attempt, too.
    return { notes, error: errorMessage(error), isFinal: error instanceof InputError };
  }
}
