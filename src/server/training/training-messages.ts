/** What the server and the process that trains say to each other. */
import type { SessionOptions } from '../../runtime/session.js';

/** To the process, once. */
export interface TrainingOrder {
  /** The run's folder; its configuration is in `order.json`. */
  readonly directory: string;
  /** Content of a configuration file. */
  readonly config: unknown;
  readonly resume: boolean;
  readonly session: SessionOptions;
}

/** To the process: stop after this step, with a checkpoint. So does the end of the connection. */
export type TrainingWish = 'pause';

/** From the process; the last one ends it. */
export type TrainingNews =
  | { readonly type: 'started'; readonly step: number }
  | {
      readonly type: 'step';
      readonly step: number;
      readonly imagesPerSecond: number;
      readonly secondsLeft: number;
    }
  | { readonly type: 'ended' }
  | { readonly type: 'failed'; readonly error: string };
