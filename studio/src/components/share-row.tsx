import type { ReactNode } from 'react';
import type { JobRequest } from '../../../src/server/api.js';
import { jobAddress } from '../state/job-address.js';
import type { Run } from '../state/use-run.js';
import { CopyButton } from './copy-button.js';

export interface ShareRowProps {
  readonly run: Run;
  /** What the settings ask for now. */
  readonly wanted: JobRequest | null;
  readonly children?: ReactNode;
}

/** Above a result: whether the settings are still its own, a link that gives it again, and views of it. */
export function ShareRow({ run, wanted, children }: ShareRowProps) {
  const { state, request } = run;
  const isDone = state.phase === 'following' && state.job.state === 'done';
  const isOther = request !== null && JSON.stringify(request) !== JSON.stringify(wanted);
  const link = (): string =>
    state.phase === 'following' ? `${location.origin}${jobAddress(state.job.request)}` : '';
  return (
    <div className="share-row">
      {children}
      <p className="quiet" role="status">
        {isOther && 'Settings have changed since.'}
      </p>
      {isDone && <CopyButton label="Copy link" text={link} />}
    </div>
  );
}
