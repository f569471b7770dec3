/** Takes jobs, does one after another in the worker, and tells what happens. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage } from '../../errors.js';
import { writeAtomic } from '../../files.js';
import type { JobInfo, JobProgress, JobStep } from '../api.js';
import { HttpProblem } from '../http/http-problem.js';
import { KEPT, LIMITS } from '../limits.js';
import { parseJobRequest } from '../requests.js';
import type { StepPictures, Work } from '../worker/messages.js';
import type { RunningWork, WorkerHost, WorkOutcome } from '../worker/worker-host.js';
import { JobChannel } from './job-channel.js';
import { jobInfo, type JobOutcome, type JobStore } from './job-store.js';
import type { ResolvedRequest } from './resolve-request.js';

export interface JobQueueParts {
  readonly store: JobStore;
  readonly worker: WorkerHost;
  /** Holds one folder of pictures for each job. */
  readonly folder: string;
  readonly resolve: (request: ReturnType<typeof parseJobRequest>) => Promise<ResolvedRequest>;
}

interface Running {
  readonly id: string;
  progress?: JobProgress;
  work?: RunningWork;
  cancelled: boolean;
}

export class JobQueue {
  /** Ids, the next one first. */
  private readonly waiting: string[];
  private running: Running | undefined;
  private closed = false;
  /** Of the jobs that have not ended. */
  private readonly channels = new Map<string, JobChannel>();

  constructor(private readonly parts: JobQueueParts) {
    parts.store.recover();
    this.waiting = parts.store.queued();
    for (const id of this.waiting) this.channels.set(id, new JobChannel());
    this.tellPositions();
    this.startNext();
  }

  /**
   * A job for the request: one that is known where it gives the same result. Throws InputError for a wrong
   * request and HttpProblem where too many wait.
   */
  async submit(value: unknown): Promise<{ job: JobInfo; isNew: boolean }> {
    const { request, key, isKept } = await this.parts.resolve(parseJobRequest(value));
    const same = this.parts.store.findSame(key);
    if (same && (same.state !== 'done' || isKept) && !this.isStopping(same.id)) {
      return { job: this.info(same.id)!, isNew: false };
    }
    if (this.waiting.length >= LIMITS.queue) {
      throw new HttpProblem(
        429,
        `${LIMITS.queue} jobs are waiting already: ask again when some are done`,
      );
    }
    const { id } = this.parts.store.add(request, key);
    this.channels.set(id, new JobChannel());
    this.waiting.push(id);
    this.tell(id);
    this.startNext();
    return { job: this.info(id)!, isNew: true };
  }

  /** Undefined where there is no such job. */
  info(id: string): JobInfo | undefined {
    const job = this.parts.store.find(id);
    if (!job) return undefined;
    const position = this.waiting.indexOf(id);
    const progress = this.running?.id === id ? this.running.progress : undefined;
    return jobInfo(job, {
      ...(position >= 0 && { position: position + (this.running ? 1 : 0) }),
      ...(progress && { progress }),
    });
  }

  list(limit: number): JobInfo[] {
    return this.parts.store.list(limit).map(({ id }) => this.info(id)!);
  }

  /** What is heard of a job that has not ended. */
  channel(id: string): JobChannel | undefined {
    return this.channels.get(id);
  }

  /** Takes a job out of the queue, or stops it between two steps; one that has ended stays as it is. */
  cancel(id: string): JobInfo | undefined {
    const place = this.waiting.indexOf(id);
    if (place >= 0) {
      this.waiting.splice(place, 1);
      this.finish(id, { state: 'cancelled' });
      this.tellPositions();
    } else if (this.running?.id === id) {
      this.running.cancelled = true;
      this.running.work?.cancel();
    }
    return this.info(id);
  }

  /** Folder of a job's pictures. */
  folderOf(id: string): string {
    return path.join(this.parts.folder, id);
  }

  /** Takes and tells nothing more; what runs is done again after the next start. */
  close(): void {
    this.closed = true;
    if (this.running) this.parts.store.putBack(this.running.id);
    for (const channel of this.channels.values()) channel.end(false);
  }

  private isStopping(id: string): boolean {
    return this.running?.id === id && this.running.cancelled;
  }

  private startNext(): void {
    if (this.running || this.closed) return;
    const id = this.waiting.shift();
    if (id === undefined) return;
    const running: Running = { id, cancelled: false };
    this.running = running;
    this.parts.store.start(id);
    this.tell(id);
    this.tellPositions();
    void this.run(running).then((outcome) => {
      if (this.closed) return;
      this.running = undefined;
      this.finish(id, outcome);
      this.tellPositions();
      this.startNext();
    });
  }

  /** Never rejects. */
  private async run(running: Running): Promise<JobOutcome> {
    try {
      const { request } = this.parts.store.find(running.id)!;
      // After a restart, what the request names may be gone.
      const { work } = await this.parts.resolve(parseJobRequest(request));
      const outcome = await this.runInWorker(running, work);
      if (outcome.state !== 'done') return outcome;
      await this.keepFiles(running.id, outcome);
      return { state: 'done', result: outcome.result };
    } catch (error) {
      return { state: 'failed', error: errorMessage(error) };
    }
  }

  private async runInWorker(running: Running, work: Work): Promise<WorkOutcome> {
    if (running.cancelled || this.closed) return { state: 'cancelled' };
    const channel = this.channels.get(running.id)!;
    running.work = this.parts.worker.begin(work, {
      onProgress: (progress) => {
        running.progress = progress;
        channel.send('progress', progress);
      },
      onStep: (step) => channel.send('step', withDataUris(step)),
    });
    return running.work.outcome;
  }

  private async keepFiles(
    id: string,
    { files }: Extract<WorkOutcome, { state: 'done' }>,
  ): Promise<void> {
    if (files.length === 0) return;
    await mkdir(this.folderOf(id), { recursive: true });
    for (const { name, png } of files) await writeAtomic(path.join(this.folderOf(id), name), png);
  }

  private finish(id: string, outcome: JobOutcome): void {
    this.parts.store.finish(id, outcome);
    this.tell(id);
    this.channels.get(id)?.end(true);
    this.channels.delete(id);
    for (const old of this.parts.store.prune(KEPT.jobs)) {
      void rm(this.folderOf(old), { recursive: true, force: true });
    }
  }

  private tell(id: string): void {
    this.channels.get(id)?.send('state', this.info(id)!);
  }

  private tellPositions(): void {
    for (const id of this.waiting) this.tell(id);
  }
}

function withDataUris({ pictures, ...step }: StepPictures): JobStep {
  return {
    ...step,
    pictures: pictures.map(({ seed, png }) => ({
      seed,
      image: `data:image/png;base64,${Buffer.from(png).toString('base64')}`,
    })),
  };
}
