import { setTimeout as wait } from 'node:timers/promises';
import { WorkError } from '../errors.js';
import { missingUnits, readyUnits, type SharedPlan } from '../work/index.js';
import type { Storage } from '../storage/index.js';
import type { WorkQueue } from './work-queue.js';

export interface FollowOptions {
  readonly priority?: number | undefined;
  /** Stops following; the work goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Units whose results are there. */
  readonly onProgress?: ((done: number, units: number) => void | Promise<void>) | undefined;
  /** What a person should know, once each. */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Between two looks at the storage. */
  readonly pauseMs?: number | undefined;
}

/** A queue that has lost its jobs gets them again at the next order. */
const ORDER_EVERY_MS = 30_000;
/** The pause after a look is so many times as long as the look: a bucket of 10,000 results is listed less often. */
const PAUSE_RATIO = 20;
/** Workers that are on their way have been heard of by then. */
const LOOKS_BEFORE_NOTE = 8;

/**
 * Orders what is missing of a plan and waits until all results are in the storage. The storage alone says what is
 * done: it does not matter who did it, how often, or whether the queue forgot about it. Returns false where the
 * signal ended the wait. Throws WorkError when every unit that is missing was set aside as failed.
 */
export async function followWork(
  queue: WorkQueue,
  storage: Storage,
  shared: SharedPlan,
  { priority, signal, onProgress, onNote, pauseMs = 1_000 }: FollowOptions = {},
): Promise<boolean> {
  let nextOrder = 0;
  for (let look = 0; ; look++) {
    const began = performance.now();
    const missing = await missingUnits(storage, shared);
    await onProgress?.(shared.units - missing.length, shared.units);
    if (missing.length === 0) return true;
    const { ready, stage } = readyUnits(shared, missing);
    const failed = await queue.units(shared, 'failed');
    if (ready.every((unit) => failed.has(unit))) {
      throw new WorkError(
        `${ready.length} of ${shared.units} parts failed, the first with: ` +
          `${await queue.whyFailed(shared, ready[0]!)}; "featinv queue retry" tries them again`,
      );
    }
    if (began >= nextOrder) {
      const known = await queue.units(shared, 'all');
      if (shared.stages === undefined) {
        const forgotten = missing.filter((unit) => !known.has(unit));
        await queue.submit(shared, forgotten, priority);
      } else if (!known.has(stage.at(-1)!)) {
        // The worker that ends a stage orders the next; here only what the queue has lost, and the first one.
        await queue.submitStage(shared, stage, priority);
      }
      nextOrder = began + ORDER_EVERY_MS;
    }
    // Only now: what was not ordered yet would not go on.
    if (signal?.aborted) return false;
    if (look === LOOKS_BEFORE_NOTE && (await queue.workers()).length === 0) {
      onNote?.('no worker is connected yet: start some with "featinv worker"');
    }
    const pause = Math.max(pauseMs, PAUSE_RATIO * (performance.now() - began));
    await wait(pause, undefined, { signal }).catch(() => undefined);
  }
}
