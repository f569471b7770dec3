import type { JobInfo, JobProgress, JobStep } from '../../../src/server/api.js';
import { api, ApiError } from './client.js';

export interface JobListener {
  state(job: JobInfo): void;
  progress(progress: JobProgress): void;
  step(step: JobStep): void;
  /** The stream broke off, or is back. */
  connection(connected: boolean): void;
  /** The server is there and does not let us watch any more. */
  lost(message: string): void;
}

const RETRY_MS = 1500;

/**
 * Watches a job until it ends; returns what stops it. A stream that breaks off is opened anew until the
 * server is back. Tabs in the background let go of theirs: browsers allow few connections to one server.
 */
export function followJob(id: string, listener: JobListener): () => void {
  let source: EventSource | undefined;
  let retry: number | undefined;
  let hasEnded = false;

  const close = (): void => {
    source?.close();
    source = undefined;
    window.clearTimeout(retry);
  };

  const stop = (): void => {
    hasEnded = true;
    close();
    document.removeEventListener('visibilitychange', onVisibility);
  };

  const tell = (job: JobInfo): void => {
    listener.state(job);
    if (isOver(job)) stop();
  };

  const open = (): void => {
    close();
    if (hasEnded || document.hidden) return;
    source = new EventSource(`/api/jobs/${id}/events`);
    source.addEventListener('open', () => listener.connection(true));
    source.addEventListener('state', (event) => tell(parse<JobInfo>(event)));
    source.addEventListener('progress', (event) => listener.progress(parse(event)));
    source.addEventListener('step', (event) => listener.step(parse(event)));
    source.addEventListener('error', () => {
      listener.connection(false);
      close();
      retry = window.setTimeout(() => void lookAgain(), RETRY_MS);
    });
  };

  /** An EventSource does not tell why it failed. */
  const lookAgain = async (): Promise<void> => {
    try {
      const job = await api.job(id);
      if (hasEnded) return;
      listener.connection(true);
      tell(job);
      open();
    } catch (error) {
      if (hasEnded) return;
      if (error instanceof ApiError && error.status !== 0 && error.status < 500) {
        stop();
        listener.lost(error.message);
      } else {
        retry = window.setTimeout(() => void lookAgain(), RETRY_MS);
      }
    }
  };

  const onVisibility = (): void => {
    if (document.hidden) close();
    else if (!source) open();
  };

  document.addEventListener('visibilitychange', onVisibility);
  open();
  return stop;
}

const isOver = ({ state }: JobInfo): boolean =>
  state === 'done' || state === 'failed' || state === 'cancelled';

const parse = <Data>({ data }: { readonly data: unknown }): Data =>
  JSON.parse(String(data)) as Data;
