/** The thread that computes: one job after another, as the server sends them. */
import { parentPort, workerData } from 'node:worker_threads';
import { errorMessage, InputError, WorkError } from '../../errors.js';
import type { JobResult } from '../api.js';
import { InverterShelf } from './inverter-shelf.js';
import type { Order, Report, Work, WorkerSettings } from './messages.js';
import { runConcepts } from './run-concepts.js';
import { runLook } from './run-look.js';
import { runMix } from './run-mix.js';
import { runSteer } from './run-steer.js';
import { Cancelled, Task } from './task.js';

const port = parentPort;
if (port === null) throw new WorkError('worker-main runs as a thread of the studio only');

const { session } = workerData as WorkerSettings;
const shelf = new InverterShelf(session);
const send = (report: Report): void => port.postMessage(report);

port.on('message', (order: Order) => void obey(order));

async function obey({ work, stop }: Order): Promise<void> {
  try {
    const { inverter: name } = work.request;
    const pictures = work.kind === 'concepts' ? 1 : work.request.samples;
    send({ type: 'progress', progress: { done: 0, total: 0, note: `opening ${name}` } });
    const task = new Task(await shelf.take(work.inverter, pictures), session, stop, send);
    task.checkStop();
    const result = await run(work, task);
    send({ type: 'done', result, files: task.files });
  } catch (error) {
    send(error instanceof Cancelled ? { type: 'cancelled' } : { type: 'failed', ...told(error) });
  }
}

function run(work: Work, task: Task): Promise<JobResult> {
  switch (work.kind) {
    case 'look':
      return runLook(work, task);
    case 'steer':
      return runSteer(work, task);
    case 'mix':
      return runMix(work, task);
    case 'concepts':
      return runConcepts(work, task);
  }
}

function told(error: unknown): { error: string } {
  const message = errorMessage(error);
  const isExpected = error instanceof InputError || error instanceof WorkError;
  return { error: isExpected ? message : `${message} (this is a defect of featinv)` };
}
