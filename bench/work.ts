/** One row of the benchmark. */
import type { WorkSpec } from './protocol.js';

export interface Work {
  readonly name: string;
  readonly group: Group;
  readonly spec: WorkSpec;
  /** Part of `--quick`, which stays under a minute. */
  readonly quick?: boolean;
  /** Pictures of one run. */
  readonly images?: number;
  /** False where the peer has nothing like it. */
  readonly peer?: boolean;
  /**
   * The processes would not fit into memory side by side: each is opened and ended again in every turn.
   */
  readonly large?: boolean;
}

export const groups = ['ops', 'training', 'sampling', 'extraction', 'start'] as const;

export type Group = (typeof groups)[number];
