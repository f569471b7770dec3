/** Orders as jobs of BullMQ. */
import type { FlowJob, JobsOptions } from 'bullmq';

export const QUEUE_NAME = 'featinv';

/** What a job says. */
export interface Order {
  /** Address of the plan in the storage. */
  readonly plan: string;
  readonly unit: number;
}

/** Work that orders are of. */
export interface OrderedWork {
  readonly address: string;
  /** Name of its kind. */
  readonly kind: string;
  /** Smaller ones go first, none first of all. */
  readonly priority?: number | undefined;
}

/** How often a job is tried again by itself, with twice the pause each time. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 2_000;

/** The same unit of the same plan is the same job, however often it is ordered. */
export const jobPrefix = (address: string): string => `${address.slice(0, 32)}-`;

export interface OrderJob {
  readonly name: string;
  readonly data: Order;
  readonly opts: Pick<
    JobsOptions,
    'jobId' | 'priority' | 'attempts' | 'backoff' | 'removeOnComplete'
  >;
}

export const orderJob = ({ address, kind, priority }: OrderedWork, unit: number): OrderJob => ({
  name: kind,
  data: { plan: address, unit },
  opts: {
    jobId: `${jobPrefix(address)}${unit}`,
    ...(priority !== undefined && { priority }),
    attempts: ATTEMPTS,
    backoff: { type: 'exponential', delay: FIRST_PAUSE_MS },
    // The result in the storage says that it is done.
    removeOnComplete: true,
  },
});

/** A stage as a flow: its last unit is the parent, which waits for the others. */
export function stageFlow(work: OrderedWork, units: readonly number[]): FlowJob {
  const jobs = units.map((unit) => ({ ...orderJob(work, unit), queueName: QUEUE_NAME }));
  return { ...jobs.at(-1)!, ...(jobs.length > 1 && { children: jobs.slice(0, -1) }) };
}
