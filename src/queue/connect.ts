import { Redis } from 'ioredis';
import { errorMessage, WorkError } from '../errors.js';
import type { QueueAddress } from './queue-address.js';

const PATIENCE_MS = 5_000;
/** Longer than any command waits for its answer (a worker asks for ten seconds): the other end is gone. */
const SILENCE_MS = 30_000;

/**
 * A connection that comes back by itself once it has been there. Throws WorkError where the queue cannot be
 * reached at first; `onLost` is told of every later break.
 */
export async function connect(
  { options, shown }: QueueAddress,
  onLost: (reason: string) => void = () => undefined,
): Promise<Redis> {
  const redis = new Redis({
    ...options,
    lazyConnect: true,
    // Both as the queue's library asks: a command waits for the connection instead of failing.
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    socketTimeout: SILENCE_MS,
    retryStrategy: (attempt) => Math.min(200 * attempt, 2_000),
  });
  let reason = 'no answer';
  let isOpen = false;
  redis.on('error', (error: unknown) => {
    reason = errorMessage(error);
    if (isOpen) onLost(reason);
  });
  const timer = new Promise<'late'>((resolve) => setTimeout(resolve, PATIENCE_MS, 'late').unref());
  const first = redis.connect().then(
    () => 'open' as const,
    () => 'failed' as const,
  );
  if ((await Promise.race([first, timer])) !== 'open') {
    redis.disconnect();
    const question = /certificate/.test(reason)
      ? 'Does NODE_EXTRA_CA_CERTS name the certificate of its authority?'
      : 'Is Redis running there, and is the password right?';
    throw new WorkError(`cannot reach the queue at ${shown}: ${reason}. ${question}`);
  }
  isOpen = true;
  return redis;
}
