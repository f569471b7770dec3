import type { SessionOptions } from '../runtime/session.js';

/** The variable in which a worker tells its process how to compute. */
export const WORKER_SETTINGS = 'FEATINV_WORKER_SETTINGS';

export interface WorkerSettings {
  readonly storage: string;
  readonly session: SessionOptions;
}

/** What the process that computes says about an order. */
export type Answer =
  /** `memory` is what the process holds, in bytes. */
  | { readonly didSomething: boolean; readonly memory: number }
  | { readonly error: string; readonly isFinal: boolean };
