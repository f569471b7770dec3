import os from 'node:os';
import { Worker } from 'bullmq';
import type { SessionOptions } from '../runtime/session.js';
import { connect } from './connect.js';
import type { QueueAddress } from './queue-address.js';
import { QUEUE_NAME, type Order } from './work-queue.js';
import { WORKER_SETTINGS, type WorkerSettings } from './worker-settings.js';

/** A worker that is silent for so long has lost its job to others. */
const LOCK_MS = 20_000;
/** A job whose workers died so many times is set aside: it may be what kills them. */
const DEATHS = 4;

export interface WorkerOptions {
  readonly address: QueueAddress;
  /** Folder or bucket. */
  readonly storage: string;
  readonly session: SessionOptions;
  readonly name?: string | undefined;
  /** Jobs that all workers together begin in a minute, at most. */
  readonly perMinute?: number | undefined;
  /** Ends the worker after its current job. */
  readonly signal: AbortSignal;
  readonly log: (event: WorkerEvent) => void;
}

/** One line of a worker's log. */
export type WorkerEvent =
  | {
      readonly event: 'ready';
      readonly worker: string;
      readonly queue: string;
      readonly storage: string;
    }
  | {
      readonly event: 'begun';
      readonly kind: string;
      readonly plan: string;
      readonly unit: number;
      readonly attempt: number;
    }
  | {
      readonly event: 'done';
      readonly kind: string;
      readonly plan: string;
      readonly unit: number;
      readonly seconds: number;
      readonly wasThere: boolean;
    }
  | {
      readonly event: 'failed';
      readonly kind: string;
      readonly plan: string;
      readonly unit: number;
      readonly error: string;
      readonly isFinal: boolean;
    }
  | { readonly event: 'stalled'; readonly job: string }
  | { readonly event: 'trouble'; readonly reason: string }
  | { readonly event: 'draining' | 'stopped' };

/** Takes orders until the signal. Throws WorkError where the queue cannot be reached at first. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { address, storage, session, perMinute, signal, log } = options;
  const name = options.name ?? `${os.hostname()}-${process.pid}`;
  const trouble = new Repeated((reason) => log({ event: 'trouble', reason }));
  const redis = await connect(address, (reason) => trouble.tell(reason));
  const settings: WorkerSettings = { storage, session };
  const worker = new Worker<Order, boolean>(
    QUEUE_NAME,
    new URL('./worker-process.js', import.meta.url),
    {
      connection: redis,
      name,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS,
      maxStalledCount: DEATHS,
      ...(perMinute !== undefined && { limiter: { max: perMinute, duration: 60_000 } }),
      workerForkOptions: {
        env: { ...process.env, [WORKER_SETTINGS]: JSON.stringify(settings) },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    },
  );
  worker.on('error', (error) => trouble.tell(error.message));
  worker.on('active', ({ name: kind, data, attemptsMade }) => {
    log({ event: 'begun', kind, ...data, attempt: attemptsMade + 1 });
  });
  worker.on('completed', ({ name: kind, data, processedOn, finishedOn }, didSomething) => {
    const seconds = ((finishedOn ?? 0) - (processedOn ?? 0)) / 1000;
    log({ event: 'done', kind, ...data, seconds, wasThere: !didSomething });
  });
  worker.on('failed', (job, error) => {
    if (!job) return;
    const isFinal = job.finishedOn !== undefined;
    log({ event: 'failed', kind: job.name, ...job.data, error: error.message, isFinal });
  });
  worker.on('stalled', (job) => log({ event: 'stalled', job }));
  await worker.waitUntilReady();
  log({ event: 'ready', worker: name, queue: address.shown, storage });
  await aborted(signal);
  log({ event: 'draining' });
  await worker.close();
  redis.disconnect();
  log({ event: 'stopped' });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Passes a message on unless it was the last one: a lost connection complains with every attempt. */
class Repeated {
  private last: string | undefined;

  constructor(private readonly pass: (message: string) => void) {}

  tell(message: string): void {
    if (message === this.last) return;
    this.last = message;
    this.pass(message);
  }
}
