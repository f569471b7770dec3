import { setTimeout as wait } from 'node:timers/promises';
import { WorkError } from '../errors.js';
import { missingUnits, type SharedPlan } from '../work/index.js';
import type { Storage } from '../storage/index.js';
import type { WorkQueue } from './work-queue.js';

export interface FollowOptions {
  readonly priority?: number | undefined;
  /** Stops following; the work goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Units whose results are there. */
  readonly onProgress?: ((done: number, units: number) => void) | undefined;
  /** What a person should know, once each. */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Between two looks at the storage. */
  readonly pauseMs?: number | undefined;
}

/** A queue that has lost its jobs gets them again after so many looks. */
const LOOKS_BETWEEN_ORDERS = 30;

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
  for (let look = 0; ; look++) {
    const missing = await missingUnits(storage, shared);
    onProgress?.(shared.units - missing.length, shared.units);
    if (missing.length === 0) return true;
    if (signal?.aborted) return false;
    const failures = await queue.failures(shared.address);
    const failed = new Set(failures.map(({ unit }) => unit));
    if (missing.every((unit) => failed.has(unit))) {
      throw new WorkError(
        `${missing.length} of ${shared.units} parts failed, the first with: ${failures[0]!.error}; ` +
          `"featinv queue retry" tries them again`,
      );
    }
    if (look % LOOKS_BETWEEN_ORDERS === 0) {
      await queue.submit(
        shared,
        missing.filter((unit) => !failed.has(unit)),
        priority,
      );
    }
    if (look === 2 && (await queue.workers()).length === 0) {
      onNote?.('no worker is connected yet: start some with "featinv worker"');
    }
    await wait(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
