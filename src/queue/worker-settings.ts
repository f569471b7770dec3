import type { SessionOptions } from '../runtime/session.js';
import type { WorkDone } from '../work/index.js';

/** The variable in which a worker tells its process how to compute. */
export const WORKER_SETTINGS = 'FEATINV_WORKER_SETTINGS';

export interface WorkerSettings {
  readonly storage: string;
  readonly session: SessionOptions;
}

/** What the process that computes says about an order. */
export type Answer = {
  /** For the log. */
  readonly notes: readonly string[];
} & (
  | (WorkDone & {
      /** What the process holds, in bytes. */
      readonly memory: number;
    })
  | { readonly error: string; readonly isFinal: boolean }
);
