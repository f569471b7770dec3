import { useEffect, useReducer, useState } from 'react';
import type { JobRequest } from '../../../src/server/api.js';
import { api } from '../api/client.js';
import { followJob } from '../api/follow-job.js';
import { idle, runReducer, type RunState } from './run-state.js';

export interface Run {
  readonly state: RunState;
  /** The request that `state` is about; null before the first one. */
  readonly request: JobRequest | null;
  /** Asks once more, after a refusal or a failure. */
  readonly again: () => void;
  readonly cancel: () => void;
}

/** Asks for the job of a request and watches it; while there is no new request, it goes on with the last. */
export function useRun(request: JobRequest | null): Run {
  const [state, dispatch] = useReducer(runReducer, idle);
  const body = request && JSON.stringify(request);
  const [given, setGiven] = useState<string | null>(null);
  // An object for each time of asking: the same request may be asked for again.
  const [asked, setAsked] = useState<{ readonly body: string } | null>(null);
  if (body !== given) {
    setGiven(body);
    if (body !== null) setAsked({ body });
  }

  useEffect(() => {
    if (!asked) return;
    let isCurrent = true;
    let stop: (() => void) | undefined;
    const refuse = (message: string): void => {
      if (isCurrent) dispatch({ type: 'refused', message });
    };
    dispatch({ type: 'asked' });
    api.addJob(JSON.parse(asked.body) as JobRequest).then(
      (job) => {
        if (!isCurrent) return;
        dispatch({ type: 'state', job });
        stop = followJob(job.id, {
          state: (next) => dispatch({ type: 'state', job: next }),
          progress: (progress) => dispatch({ type: 'progress', progress }),
          step: (step) => dispatch({ type: 'step', step }),
          connection: (isConnected) => dispatch({ type: 'connection', isConnected }),
          lost: refuse,
        });
      },
      (error: Error) => refuse(error.message),
    );
    return () => {
      isCurrent = false;
      stop?.();
    };
  }, [asked]);

  return {
    state,
    request: asked && (JSON.parse(asked.body) as JobRequest),
    again: () => setAsked(asked && { ...asked }),
    cancel: () => {
      if (state.phase !== 'following') return;
      // The job's own events tell when it has stopped; this answer may be older than they are.
      api
        .cancelJob(state.job.id)
        .catch((error: Error) => dispatch({ type: 'refused', message: error.message }));
    },
  };
}
