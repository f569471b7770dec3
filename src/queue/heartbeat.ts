/** Signs of life of workers: keys in Redis that vanish when nobody renews them. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';

const BEAT_MS = 5_000;
/** A worker that was silent for so long is gone. */
const GONE_AFTER_S = 20;

const PREFIX = 'featinv:worker:';

const pulseSchema = z.object({
  worker: z.string(),
  /** When it began, in milliseconds since 1970. */
  since: z.number(),
  done: z.number(),
  failed: z.number(),
  /** What it computes now. */
  doing: z
    .object({ kind: z.string(), plan: z.string(), unit: z.number(), since: z.number() })
    .optional(),
});

export type Pulse = z.infer<typeof pulseSchema>;

/** Tells that a worker lives, until the function that it returns is called. */
export async function startHeartbeat(
  redis: Redis,
  pulse: () => Pulse,
): Promise<() => Promise<void>> {
  const key = PREFIX + randomUUID();
  const beat = (): Promise<unknown> =>
    redis.set(key, JSON.stringify(pulse()), 'EX', GONE_AFTER_S).catch(() => undefined);
  let last = beat();
  await last;
  let isWaiting = false;
  const timer = setInterval(() => {
    // A queue that does not answer gets one sign of life when it is back, not all that were missed.
    if (isWaiting) return;
    isWaiting = true;
    last = beat().finally(() => (isWaiting = false));
  }, BEAT_MS);
  return async () => {
    clearInterval(timer);
    if (redis.status !== 'ready') return;
    await last;
    await redis.del(key);
  };
}

/** By name. */
export async function livingWorkers(redis: Redis): Promise<Pulse[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, found] = await redis.scan(cursor, 'MATCH', `${PREFIX}*`, 'COUNT', 1_000);
    keys.push(...found);
    cursor = next;
  } while (cursor !== '0');
  const texts = keys.length === 0 ? [] : await redis.mget([...new Set(keys)]);
  return texts
    .filter((text) => text !== null)
    .map((text) => pulseSchema.parse(JSON.parse(text)))
    .sort((a, b) => (a.worker < b.worker ? -1 : 1));
}
