/** Sharing work between machines over BullMQ. Knows nothing of what the work is. */
export { followWork, type FollowOptions } from './follow-work.js';
export { readQueueAddress, type QueueAddress } from './queue-address.js';
export type { Pulse } from './heartbeat.js';
export { runWorker } from './run-worker.js';
export { WorkQueue, type FailedUnit, type QueueCounts } from './work-queue.js';
export type { WorkerEvent } from './worker-event.js';
