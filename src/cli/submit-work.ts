import { WorkError } from '../errors.js';
import { openStorage, type Storage } from '../storage/index.js';
import { followWork, readQueueAddress, WorkQueue } from '../queue/index.js';
import { sharePlan, type SharedPlan } from '../work/index.js';
import type { CommandContext } from './context.js';
import { storagePlace } from './queue-options.js';

export interface QueueChoice {
  readonly queue: string | undefined;
  readonly storage: string | undefined;
  readonly priority: number | undefined;
}

/** Others that do the work of a command. */
export interface Helpers {
  readonly storage: Storage;
  /**
   * Has a plan's units done and collects their results; `collect` takes those that it has not got yet, removes what
   * is damaged, and tells why. Returns false where Ctrl-C ended the wait; the work goes on, and the same command
   * follows it again.
   */
  readonly complete: (
    kind: string,
    plan: unknown,
    collect: (shared: SharedPlan) => Promise<readonly string[]>,
    onProgress: (done: number, units: number) => void | Promise<void>,
  ) => Promise<boolean>;
}

/** Results that do not arrive whole are asked for so often. */
const ATTEMPTS = 3;

/** Calls `work` with those who do it, or with undefined where the command is to do it itself. */
export async function withHelpers<Result>(
  { queue: url, storage: place, priority }: QueueChoice,
  context: CommandContext,
  work: (helpers: Helpers | undefined) => Promise<Result>,
): Promise<Result> {
  if (url === undefined) return work(undefined);
  const address = await readQueueAddress(url);
  const storage = await openStorage(storagePlace(place));
  context.keep('the workers go on, and the same command follows them again');
  const queue = await WorkQueue.open(address, (reason) =>
    context.note(`the queue at ${address.shown} does not answer (${reason}); waiting for it`),
  );
  try {
    return await work({
      storage,
      async complete(kind, plan, collect, onProgress) {
        const shared = await sharePlan(storage, kind, plan);
        let refused: readonly string[] = [];
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
          const isDone = await followWork(queue, storage, shared, {
            ...{ priority, onProgress, signal: context.abortSignal() },
            onNote: (line) => context.note(line),
          });
          if (!isDone) {
            context.note(
              'not followed any longer; the workers go on, and the same command follows them again',
            );
            return false;
          }
          refused = await collect(shared);
          if (refused.length === 0) return true;
          context.note(`${refused.length} results are asked for again: ${refused[0]}`);
        }
        throw new WorkError(`results arrive damaged again and again: ${refused[0]}`);
      },
    });
  } finally {
    await queue.close();
  }
}
