import type { SessionOptions } from '../runtime/session.js';

/** The variable in which a worker tells its process how to compute. */
export const WORKER_SETTINGS = 'FEATINV_WORKER_SETTINGS';

export interface WorkerSettings {
  readonly storage: string;
  readonly session: SessionOptions;
}
