/** The server's side of the worker thread. */
import { Worker } from 'node:worker_threads';
import { errorMessage } from '../../errors.js';
import type { JobProgress, JobResult } from '../api.js';
import type { Order, PngFile, Report, StepPictures, Work, WorkerSettings } from './messages.js';

export type WorkOutcome =
  | { readonly state: 'done'; readonly result: JobResult; readonly files: readonly PngFile[] }
  | { readonly state: 'failed'; readonly error: string }
  | { readonly state: 'cancelled' };

export interface WorkWatcher {
  onProgress(progress: JobProgress): void;
  onStep(step: StepPictures): void;
}

/** Work that has begun. */
export interface RunningWork {
  /** Never rejects. */
  readonly outcome: Promise<WorkOutcome>;
  /** Stops it between two steps. */
  cancel(): void;
}

/** Starts the thread with the first work, and again after it has died. */
export class WorkerHost {
  private worker: Worker | undefined;
  private running: RunningWork | undefined;

  constructor(
    private readonly settings: WorkerSettings,
    private readonly entry = new URL('./worker-main.js', import.meta.url),
  ) {}

  /** One work at a time: the next one only after the outcome. */
  begin(work: Work, watcher: WorkWatcher): RunningWork {
    const worker = (this.worker ??= this.start());
    const stop = new SharedArrayBuffer(4);
    const outcome = new Promise<WorkOutcome>((resolve) => {
      const finish = (result: WorkOutcome): void => {
        worker.off('message', onReport).off('error', onError).off('exit', onExit);
        resolve(result);
      };
      const onReport = (report: Report): void => {
        if (report.type === 'progress') watcher.onProgress(report.progress);
        else if (report.type === 'step') watcher.onStep(report.step);
        else finish(toOutcome(report));
      };
      const died = (reason: string): void => {
        const error = `the thread that computes has stopped (${reason}): ask again, with fewer samples if memory is short`;
        finish({ state: 'failed', error });
      };
      const onError = (error: unknown): void => died(errorMessage(error));
      const onExit = (code: number): void => died(`code ${code}`);
      worker.on('message', onReport).on('error', onError).on('exit', onExit);
    });
    worker.postMessage({ work, stop } satisfies Order);
    const cancel = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
    this.running = { outcome, cancel };
    return this.running;
  }

  private start(): Worker {
    // Output of a library must not get among the command's own.
    const worker = new Worker(this.entry, { workerData: this.settings, stdout: true });
    // Without a listener the error of an idle thread would end the server.
    worker.on('error', () => undefined);
    worker.on('exit', () => (this.worker = undefined));
    return worker;
  }

  /** Ends the thread between two steps: in the middle of a run the runtime would take the process along. */
  async close(): Promise<void> {
    this.running?.cancel();
    await this.running?.outcome;
    await this.worker?.terminate();
  }
}

function toOutcome(report: Exclude<Report, { type: 'progress' | 'step' }>): WorkOutcome {
  switch (report.type) {
    case 'done':
      return { state: 'done', result: report.result, files: report.files };
    case 'failed':
      return { state: 'failed', error: report.error };
    case 'cancelled':
      return { state: 'cancelled' };
  }
}
