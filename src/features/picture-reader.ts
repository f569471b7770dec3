/** Pictures read, decoded and prepared ahead of the classifier, by threads of their own. */
import { Worker } from 'node:worker_threads';
import { errorMessage, InputError, WorkError } from '../errors.js';
import type { PictureEntry } from './list-pictures.js';
import {
  hashPicture,
  preparePicture,
  type Preparation,
  type PreparedPicture,
} from './prepare-picture.js';

/** Both throw InputError for a picture that cannot be used. */
export interface PictureReader {
  hash(entry: PictureEntry): Promise<string>;
  prepare(entry: PictureEntry): Promise<PreparedPicture>;
  close(): Promise<void>;
}

/** What a thread is asked, and what it answers. */
export interface ReaderRequest {
  readonly id: number;
  readonly what: 'hash' | 'prepare';
  readonly entry: PictureEntry;
}

export type ReaderAnswer =
  | { readonly id: number; readonly result: string | PreparedPicture }
  | { readonly id: number; readonly error: string; readonly isInput: boolean };

/** Without threads, pictures are prepared between two runs of the classifier. */
export function openPictureReader(preparation: Preparation, threads: number): PictureReader {
  if (threads > 0) return new ThreadedReader(preparation, threads);
  return {
    hash: hashPicture,
    prepare: (entry) => preparePicture(entry, preparation),
    close: () => Promise.resolve(),
  };
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** Requests go round the threads when they are made: a run of the classifier holds up nobody but its own thread. */
export class ThreadedReader implements PictureReader {
  private readonly workers: readonly Worker[];
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;
  private isClosed = false;

  constructor(
    preparation: Preparation,
    threads: number,
    entry = new URL('./reader-thread.js', import.meta.url),
  ) {
    this.workers = Array.from({ length: threads }, () => this.start(entry, preparation));
  }

  hash(entry: PictureEntry): Promise<string> {
    return this.ask('hash', entry);
  }

  prepare(entry: PictureEntry): Promise<PreparedPicture> {
    return this.ask('prepare', entry);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private ask<Result>(what: ReaderRequest['what'], entry: PictureEntry): Promise<Result> {
    const id = this.asked++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      const request: ReaderRequest = { id, what, entry };
      this.workers[id % this.workers.length]!.postMessage(request);
    });
  }

  private start(entry: URL, preparation: Preparation): Worker {
    // Output of a library must not get among the command's own.
    const worker = new Worker(entry, { workerData: preparation, stdout: true });
    worker.on('message', (answer: ReaderAnswer) => this.settle(answer));
    worker.on('error', (error) => this.fail(errorMessage(error)));
    worker.on('exit', (code) => this.fail(`code ${code}`));
    return worker;
  }

  private settle(answer: ReaderAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ('result' in answer) waiting?.resolve(answer.result as never);
    else waiting?.reject(new (answer.isInput ? InputError : WorkError)(answer.error));
  }

  private fail(reason: string): void {
    if (this.isClosed) return;
    const error = new WorkError(`a thread that decodes pictures has stopped (${reason})`);
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
