import type { ReactNode } from 'react';
import type { JobRequest } from '../../../src/server/api.js';
import { jobNumbersUrl, jobReportUrl } from '../api/client.js';
import { jobAddress } from '../state/job-address.js';
import type { Run } from '../state/use-run.js';
import { CopyButton } from './copy-button.js';

export interface ShareRowProps {
  readonly run: Run;
  /** What the settings ask for now. */
  readonly wanted: JobRequest | null;
  readonly children?: ReactNode;
}

/** Above a result: views of it, whether the settings are still its own, and what of it can be taken away. */
export function ShareRow({ run, wanted, children }: ShareRowProps) {
  const { state, request } = run;
  const job = state.phase === 'following' && state.job.state === 'done' ? state.job : undefined;
  const isOther = request !== null && JSON.stringify(request) !== JSON.stringify(wanted);
  const link = (): string => (job ? `${location.origin}${jobAddress(job.request)}` : '');
  return (
    <div className="share-row">
      {children}
      <p className="quiet" role="status">
        {isOther && 'Settings have changed since.'}
      </p>
      {/* Its place is kept, so that nothing moves when the result comes. */}
      <div className={`take-away ${job ? '' : 'absent'}`}>
        <CopyButton label="Copy link" text={link} />
        <a className="button" href={jobReportUrl(job?.id ?? '')} download>
          Save report
        </a>
        <a className="button" href={jobNumbersUrl(job?.id ?? '')} download>
          Save numbers
        </a>
      </div>
    </div>
  );
}
