/** A job's events as a stream that a browser's EventSource reads, and resumes where it broke off. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { JobQueue } from '../jobs/job-queue.js';
import { EVENT_STREAMS, STREAMS_OF_BROWSER } from '../limits.js';
import { HttpProblem } from './http-problem.js';
import { StreamTurns } from './stream-turns.js';

/** Id of the last event of a job. */
const END = 'end';
/** So that a connection that is gone is noticed, and none is taken for dead. */
const HEARTBEAT_MS = 15_000;

export class JobEventStreams {
  private open = 0;
  /** Numbers of events begin anew with each start of the server. */
  private readonly start = randomBytes(6).toString('hex');
  private readonly turns = new StreamTurns(STREAMS_OF_BROWSER);

  constructor(private readonly queue: JobQueue) {}

  answer(context: Context, id: string): Response {
    const info = this.queue.info(id);
    if (!info) throw new HttpProblem(404, `there is no job ${id.slice(0, 36)}`);
    const seen = context.req.query('after') ?? context.req.header('last-event-id') ?? '';
    const channel = this.queue.channel(id);
    if (!channel) {
      // An EventSource takes 204 as the wish not to come again.
      if (seen === END) return context.body(null, 204);
      return streamSSE(context, async (stream) => {
        await stream.writeSSE({ id: END, event: 'state', data: JSON.stringify(info) });
      });
    }
    if (this.open >= EVENT_STREAMS) {
      throw new HttpProblem(
        503,
        `${EVENT_STREAMS} pages are watching jobs already: close some of them`,
      );
    }
    this.open++;
    const turn = this.turns.take(browserOf(context));
    return streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const ending = AbortSignal.any([gone.signal, turn.over]);
      const heartbeat = setInterval(() => void stream.write(': still here\n\n'), HEARTBEAT_MS);
      try {
        let last = this.numberOf(seen);
        while (!ending.aborted) {
          for (const event of channel.after(last)) {
            last = event.number;
            const isLast = channel.isFinished && event.name === 'state';
            const eventId = isLast ? END : `${this.start}-${event.number}`;
            await stream.writeSSE({ id: eventId, event: event.name, data: event.data });
          }
          if (channel.after(last).length > 0) continue;
          if (channel.isEnded) break;
          await channel.next(ending);
        }
        if (turn.over.aborted) await stream.writeSSE({ event: 'turn', data: 'null' });
      } finally {
        turn.release();
        clearInterval(heartbeat);
        this.open--;
      }
    });
  }

  /** 0, so everything, for ids of an earlier server and for those that are none. */
  private numberOf(id: string): number {
    const [start, number] = id.split('-');
    return start === this.start && /^\d{1,15}$/.test(number ?? '') ? Number(number) : 0;
  }
}

/** What the page calls its browser; who says nothing shares its connections with nobody. */
function browserOf(context: Context): string {
  const given = context.req.query('browser') ?? '';
  return /^[\w-]{8,64}$/.test(given) ? given : randomBytes(16).toString('hex');
}
