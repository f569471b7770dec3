/** What is known of the job that a page watches. */
import type { JobInfo, JobProgress, JobStep, StepRole } from '../../../src/server/api.js';

/** Of each role the newest. */
type Steps = Readonly<Partial<Record<StepRole, JobStep>>>;

export type RunState =
  | { readonly phase: 'idle' }
  /** The request is on its way. */
  | { readonly phase: 'asking' }
  /** There is no job: the server's sentence says why. */
  | { readonly phase: 'refused'; readonly message: string }
  | {
      readonly phase: 'following';
      readonly job: JobInfo;
      /** The newest pictures on the way. */
      readonly steps: Steps;
      /** False while the server does not answer. */
      readonly isConnected: boolean;
    };

export type RunEvent =
  | { readonly type: 'asked' }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'state'; readonly job: JobInfo }
  | { readonly type: 'progress'; readonly progress: JobProgress }
  | { readonly type: 'step'; readonly step: JobStep }
  | { readonly type: 'connection'; readonly isConnected: boolean };

export const idle: RunState = { phase: 'idle' };

export function runReducer(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'asked':
      return { phase: 'asking' };
    case 'refused':
      return { phase: 'refused', message: event.message };
    case 'state':
      // A job that waits again after a restart begins from noise.
      return event.job.state !== 'queued' && state.phase === 'following'
        ? { ...state, job: event.job, isConnected: true }
        : { phase: 'following', job: event.job, steps: {}, isConnected: true };
    case 'progress':
      return state.phase === 'following'
        ? { ...state, job: { ...state.job, progress: event.progress } }
        : state;
    case 'step':
      return state.phase === 'following'
        ? { ...state, steps: { ...state.steps, [event.step.role]: event.step } }
        : state;
    case 'connection':
      return state.phase === 'following' ? { ...state, isConnected: event.isConnected } : state;
  }
}

/** Whether there is something to wait for, and to cancel. */
export function isBusy(state: RunState): boolean {
  if (state.phase !== 'following') return state.phase === 'asking';
  return state.job.state === 'queued' || state.job.state === 'running';
}

/** One sentence for people who look at the page, and for those who listen to it. */
export function describeRun(state: RunState): string {
  switch (state.phase) {
    case 'idle':
      return '';
    case 'asking':
      return 'Asking …';
    case 'refused':
      return state.message;
    case 'following':
      if (!state.isConnected) return 'The studio does not answer. Trying again …';
      return describeJob(state.job);
  }
}

function describeJob({ state, position = 0, error, result }: JobInfo): string {
  switch (state) {
    case 'queued':
      if (position === 0) return 'Next in the queue.';
      return position === 1 ? 'Waiting for one job.' : `Waiting for ${position} jobs.`;
    case 'running':
      return 'Drawing …';
    case 'done':
      return `Done in ${(result?.seconds ?? 0).toFixed(1)} seconds.`;
    case 'failed':
      return `It failed: ${error ?? 'nobody knows why'}`;
    case 'cancelled':
      return 'Cancelled.';
  }
}

/** The newest picture of a seed on its way, as a data URI; null before the first one. */
export function stepPicture(state: RunState, role: StepRole, seed: number): string | null {
  if (state.phase !== 'following') return null;
  return state.steps[role]?.pictures.find((one) => one.seed === seed)?.image ?? null;
}

/** What is being done just now, such as "step 3 of 20". */
export function noteOf(state: RunState): string {
  if (state.phase !== 'following' || state.job.state !== 'running') return '';
  return state.isConnected ? (state.job.progress?.note ?? '') : '';
}

/** Share of the work that is done, 0 to 1; undefined where it is not known. */
export function shareDone(state: RunState): number | undefined {
  if (state.phase !== 'following' || state.job.state !== 'running') return undefined;
  const { progress } = state.job;
  return progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : undefined;
}
