import type { JobInfo, JobProgress, JobStep } from '../../../src/server/api.js';
import { browserName } from './browser-name.js';
import { api, ApiError } from './client.js';

export interface JobListener {
  readonly state: (job: JobInfo) => void;
  readonly progress: (progress: JobProgress) => void;
  readonly step: (step: JobStep) => void;
  /** The stream broke off, or is back. */
  readonly connection: (connected: boolean) => void;
  /** The server is there and does not let us watch any more. */
  readonly lost: (message: string) => void;
}

const RETRY_MS = 1500;
/** Until a tab whose turn is over asks for the next one. */
const TURN_MS = 1000;

/**
 * Watches a job until it ends; returns what stops it. A stream that breaks off is opened anew until the
 * server is back. Browsers allow few connections to one server: tabs in the background let go of theirs, the
 * others take turns where there are too many.
 */
export function followJob(id: string, listener: JobListener): () => void {
  let source: EventSource | undefined;
  let retry: number | undefined;
  let hasEnded = false;
  let seen = '';

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

  const hear = <Data>(from: EventSource, name: string, tellIt: (data: Data) => void): void =>
    from.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
      seen = lastEventId;
      tellIt(JSON.parse(data) as Data);
    });

  const tell = (job: JobInfo): void => {
    listener.state(job);
    if (isOver(job)) stop();
  };

  const open = (): void => {
    close();
    if (hasEnded || document.hidden) return;
    const query = new URLSearchParams({ browser: browserName(), after: seen }).toString();
    source = new EventSource(`/api/jobs/${id}/events?${query}`);
    source.addEventListener('open', () => listener.connection(true));
    hear<JobInfo>(source, 'state', tell);
    hear<JobProgress>(source, 'progress', listener.progress);
    hear<JobStep>(source, 'step', listener.step);
    source.addEventListener('turn', () => {
      close();
      retry = window.setTimeout(open, TURN_MS);
    });
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
