/** The process that computes for a worker. It may die without harm: the worker lives, and tries the job again. */
import { UnrecoverableError, type SandboxedJob } from 'bullmq';
import { errorMessage, InputError } from '../errors.js';
import { openStorage } from '../storage/index.js';
import { Workbench } from '../work/index.js';
import { WORKER_SETTINGS, type WorkerSettings } from './worker-settings.js';
import type { Order } from './work-queue.js';

const settings = JSON.parse(process.env[WORKER_SETTINGS]!) as WorkerSettings;
const bench = openStorage(settings.storage).then(
  (storage) => new Workbench(storage, settings.session),
);

export default async function work({
  data: { plan, unit },
}: SandboxedJob<Order>): Promise<boolean> {
  try {
    return await (await bench).do(plan, unit);
  } catch (error) {
    // What is wrong with the input is wrong at the next attempt, too.
    if (error instanceof InputError) throw new UnrecoverableError(errorMessage(error));
    throw error;
  }
}
