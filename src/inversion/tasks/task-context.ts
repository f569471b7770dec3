import type { Shard } from '../../images/shard.js';
import type { SessionOptions } from '../../runtime/session.js';

/** What every training task is told besides its own configuration. */
export interface TaskContext {
  readonly batchSize: number;
  readonly seed: number;
  readonly session: SessionOptions;
  /** Computes activations again in the backward pass instead of keeping them. */
  readonly recompute: boolean;
  /** The photographs to draw micro-batches from, asked for each time; all without it. */
  readonly shard?: () => Shard;
  /** How the weights came to be: configuration, steps, metrics so far. Stored with released weights. */
  record(): Record<string, unknown>;
}
