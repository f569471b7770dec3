import os from 'node:os';
import { FlowProducer, MetricsTime, UnrecoverableError, Worker } from 'bullmq';
import { WorkError } from '../errors.js';
import type { SessionOptions } from '../runtime/session.js';
import { ComputingProcess } from './computing-process.js';
import { connect } from './connect.js';
import { startHeartbeat } from './heartbeat.js';
import { serveMetrics, type MetricsAddress } from './metrics-server.js';
import type { QueueAddress } from './queue-address.js';
import { QUEUE_NAME, stageFlow, type Order } from './order.js';
import type { WorkerEvent } from './worker-event.js';
import { WorkerTally } from './worker-tally.js';

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
  /** A worker that was silent for so many seconds has lost its job to others. */
  readonly lostAfter: number;
  /** Where Prometheus may ask for numbers. */
  readonly metrics?: MetricsAddress | undefined;
  /** Ends the worker after its current job. */
  readonly signal: AbortSignal;
  readonly log: (event: WorkerEvent) => void;
}

/** Takes orders until the signal. Throws WorkError where the queue cannot be reached at first. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { address, storage, session, perMinute, lostAfter, metrics, signal } = options;
  const name = options.name ?? `${os.hostname()}-${process.pid}`;
  const tally = new WorkerTally(name);
  const log = (event: WorkerEvent): void => {
    tally.count(event);
    options.log(event);
  };
  const trouble = new Repeated((reason) => log({ event: 'trouble', reason }));
  const redis = await connect(address, (reason) => trouble.tell(reason));
  const stopMetrics = metrics && (await serveMetrics(metrics, address, tally));
  const computing = new ComputingProcess({ storage, session });
  const flows = new FlowProducer({ connection: redis });
  flows.on('error', (error) => trouble.tell(error.message));
  const worker = new Worker<Order, boolean>(
    QUEUE_NAME,
    async ({ data, name: kind, opts }) => {
      const answer = await computing.do(data);
      for (const line of answer.notes) log({ event: 'note', kind, ...data, line });
      if ('error' in answer) {
        throw answer.isFinal ? new UnrecoverableError(answer.error) : new WorkError(answer.error);
      }
      tally.memory = answer.memory;
      if (answer.next.length > 0) {
        const { priority } = opts;
        await flows.add(stageFlow({ address: data.plan, kind, priority }, answer.next));
      }
      return answer.didSomething;
    },
    {
      connection: redis,
      name,
      lockDuration: lostAfter * 1000,
      stalledInterval: lostAfter * 1000,
      maxStalledCount: DEATHS,
      // Counts of the last hour, for the totals that the queue exports.
      metrics: { maxDataPoints: MetricsTime.ONE_HOUR },
      ...(perMinute !== undefined && { limiter: { max: perMinute, duration: 60_000 } }),
    },
  );
  logJobs(worker, log, (reason) => trouble.tell(reason));
  await worker.waitUntilReady();
  const stopHeartbeat = await startHeartbeat(redis, () => tally.pulse);
  log({ event: 'ready', worker: name, queue: address.shown, storage });
  await aborted(signal);
  log({ event: 'draining' });
  await worker.close();
  await computing.stop();
  await stopHeartbeat();
  await stopMetrics?.();
  await flows.close();
  redis.disconnect();
  log({ event: 'stopped' });
}

function logJobs(
  worker: Worker<Order, boolean>,
  log: (event: WorkerEvent) => void,
  onTrouble: (reason: string) => void,
): void {
  worker.on('error', (error) => onTrouble(error.message));
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
