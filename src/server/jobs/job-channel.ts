/** What has happened in one job since it came, for everyone who watches it. */
import type { JobEvents } from '../api.js';

export interface ChannelEvent {
  /** Grows from event to event of a job. */
  readonly number: number;
  readonly name: keyof JobEvents;
  /** JSON. */
  readonly data: string;
}

/** Eight pictures of 256 × 256 pixels in each are about a megabyte. */
const KEPT_STEPS = 64;

/**
 * Watchers read at their own pace from the number that they have seen last, so a slow one costs nothing.
 * Of states and progress only the newest is kept, of steps the newest `KEPT_STEPS`: who is slower than
 * that sees some of them only.
 */
export class JobChannel {
  private events: ChannelEvent[] = [];
  private last = 0;
  private ended: 'finished' | 'broken off' | null = null;
  private waiting = new Set<() => void>();

  send<Name extends keyof JobEvents>(name: Name, value: JobEvents[Name]): void {
    const same = this.events.filter((event) => event.name === name);
    const dropped = new Set(same.slice(0, name === 'step' ? 1 - KEPT_STEPS : same.length));
    this.events = this.events.filter((event) => !dropped.has(event));
    this.events.push({ number: ++this.last, name, data: JSON.stringify(value) });
    this.wake();
  }

  /** Watchers get what is left and then stop; `finished` where the last state is one that stays. */
  end(finished: boolean): void {
    this.ended = finished ? 'finished' : 'broken off';
    this.wake();
  }

  get isEnded(): boolean {
    return this.ended !== null;
  }

  get isFinished(): boolean {
    return this.ended === 'finished';
  }

  after(number: number): readonly ChannelEvent[] {
    return this.events.filter((event) => event.number > number);
  }

  /** Resolves at the next event or at the end, or when `signal` is aborted. */
  async next(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      if (signal.aborted) return done();
      this.waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }

  private wake(): void {
    for (const done of [...this.waiting]) done();
  }
}
