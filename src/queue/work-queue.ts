/** The queue: BullMQ on Redis or Valkey. It carries orders only; plans and results are in the storage. */
import { FlowProducer, Queue, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { SharedPlan } from '../work/index.js';
import { connect } from './connect.js';
import { livingWorkers, type Pulse } from './heartbeat.js';
import { jobPrefix, orderJob, QUEUE_NAME, stageFlow, type Order } from './order.js';
import type { QueueAddress } from './queue-address.js';

/** Jobs of one request to Redis: many enough to be fast, few enough to keep memory flat. */
const BULK = 1_000;

/** Failed jobs that are shown or tried again at a time. */
const FAILED_LOOKED_AT = 10_000;

/** Where a job may be that is not done. */
const ORDERED = ['wait', 'prioritized', 'delayed', 'active', 'failed', 'waiting-children'] as const;

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

export interface FailedUnit {
  readonly plan: string;
  readonly unit: number;
  readonly kind: string;
  readonly error: string;
  readonly attempts: number;
}

export class WorkQueue {
  private constructor(
    private readonly redis: Redis,
    private readonly queue: Queue<Order>,
    private readonly flows: FlowProducer,
  ) {}

  /** Throws WorkError where the queue cannot be reached. */
  static async open(address: QueueAddress, onLost?: (reason: string) => void): Promise<WorkQueue> {
    const redis = await connect(address, onLost);
    const queue = new Queue<Order>(QUEUE_NAME, { connection: redis });
    // What breaks a connection is told by `onLost`.
    queue.on('error', () => undefined);
    const flows = new FlowProducer({ connection: redis });
    flows.on('error', () => undefined);
    return new WorkQueue(redis, queue, flows);
  }

  /** Orders units; those that are waiting, being done or set aside stay as they are. Smaller priorities go first. */
  async submit(
    { address, kind }: SharedPlan,
    units: readonly number[],
    priority?: number,
  ): Promise<void> {
    for (let start = 0; start < units.length; start += BULK) {
      const work = { address, kind: kind.name, priority };
      const jobs = units.slice(start, start + BULK).map((unit) => orderJob(work, unit));
      await this.queue.addBulk(jobs);
    }
  }

  /** Orders a stage: its last unit waits until the others are done. */
  async submitStage(
    { address, kind }: SharedPlan,
    units: readonly number[],
    priority?: number,
  ): Promise<void> {
    await this.flows.add(stageFlow({ address, kind: kind.name, priority }, units));
  }

  /** Units of a plan that the queue knows: those that were set aside, or with `all` also those to be done. */
  async units({ address }: SharedPlan, which: 'all' | 'failed'): Promise<Set<number>> {
    // Numbers of jobs only: their contents are many times as long.
    const ids = await this.queue.getRanges(which === 'all' ? [...ORDERED] : ['failed'], 0, -1);
    const prefix = jobPrefix(address);
    const own = ids.filter((id) => id.startsWith(prefix));
    return new Set(own.map((id) => Number(id.slice(prefix.length))));
  }

  /** Why a unit was set aside. */
  async whyFailed({ address }: SharedPlan, unit: number): Promise<string> {
    const job = await this.queue.getJob(`${jobPrefix(address)}${unit}`);
    return job?.failedReason ?? 'it was forgotten since';
  }

  async counts(): Promise<QueueCounts> {
    const counts = await this.queue.getJobCounts();
    const of = (...names: string[]): number =>
      names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
    return {
      waiting: of('waiting', 'prioritized', 'paused', 'waiting-children'),
      active: of('active'),
      delayed: of('delayed'),
      failed: of('failed'),
    };
  }

  /** Jobs that were set aside with their error. */
  async failures(): Promise<FailedUnit[]> {
    return (await this.failedJobs()).map((job) => ({
      ...job.data,
      kind: job.name,
      error: job.failedReason,
      attempts: job.attemptsMade,
    }));
  }

  /** Puts jobs that were set aside back into the queue. Returns how many. */
  async retry(): Promise<number> {
    const jobs = await this.failedJobs();
    for (const job of jobs) await job.retry('failed');
    return jobs.length;
  }

  /** Forgets jobs that were set aside, and with `waiting` also those that nobody has begun. */
  async clean(waiting: boolean): Promise<number> {
    const kinds = waiting
      ? (['failed', 'wait', 'prioritized', 'delayed'] as const)
      : (['failed'] as const);
    let removed = 0;
    // First: they would begin once those that they wait for are gone.
    for (const job of waiting ? await this.queue.getWaitingChildren() : []) {
      await job.remove({ removeChildren: false });
      removed++;
    }
    for (const kind of kinds) {
      for (let gone = BULK; gone === BULK; removed += gone) {
        gone = (await this.queue.clean(0, BULK, kind)).length;
      }
    }
    return removed;
  }

  /** Workers that gave a sign of life lately. */
  workers(): Promise<Pulse[]> {
    return livingWorkers(this.redis);
  }

  /** For Prometheus: jobs by state. */
  metrics(): Promise<string> {
    return this.queue.exportPrometheusMetrics();
  }

  async close(): Promise<void> {
    await this.queue.close();
    await this.flows.close();
    this.redis.disconnect();
  }

  private async failedJobs(): Promise<Job<Order>[]> {
    return (await this.queue.getFailed(0, FAILED_LOOKED_AT - 1)) as Job<Order>[];
  }
}
