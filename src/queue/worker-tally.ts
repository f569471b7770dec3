import type { Pulse } from './heartbeat.js';
import type { WorkerEvent } from './worker-event.js';

/** What a worker has done and does, counted from its log. */
export class WorkerTally {
  /** Jobs whose results it wrote. */
  done = 0;
  /** Jobs whose results were there already. */
  found = 0;
  /** Attempts that failed. */
  failed = 0;
  /** Jobs that it gave up. */
  setAside = 0;
  /** Jobs of lost workers that it put back into the queue. */
  stalled = 0;
  /** Times that the queue did not answer. */
  troubles = 0;
  /** Time spent on jobs that are done, in seconds. */
  seconds = 0;
  /** What the process that computes held after its last job, in bytes. */
  memory = 0;
  doing: Pulse['doing'];

  readonly since = Date.now();

  constructor(readonly worker: string) {}

  count(event: WorkerEvent): void {
    switch (event.event) {
      case 'begun': {
        const { kind, plan, unit } = event;
        this.doing = { kind, plan, unit, since: Date.now() };
        break;
      }
      case 'done':
        this.doing = undefined;
        if (event.wasThere) this.found++;
        else this.done++;
        this.seconds += event.seconds;
        break;
      case 'failed':
        this.doing = undefined;
        this.failed++;
        if (event.isFinal) this.setAside++;
        break;
      case 'stalled':
        this.stalled++;
        break;
      case 'trouble':
        this.troubles++;
        break;
      case 'ready':
      case 'note':
      case 'draining':
      case 'stopped':
        break;
    }
  }

  get pulse(): Pulse {
    const { worker, since, done, failed, doing } = this;
    return { worker, since, done, failed, ...(doing && { doing }) };
  }
}
