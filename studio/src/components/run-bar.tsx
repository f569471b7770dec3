import { describeRun, isBusy, noteOf, shareDone } from '../state/run-state.js';
import type { Run } from '../state/use-run.js';
import { Notice } from './notice.js';

export interface RunBarProps {
  readonly run: Run;
  /** What the button does: "Draw what it sees". */
  readonly label: string;
  /** Why there is nothing to ask for yet. */
  readonly missing?: string | undefined;
  readonly onStart: () => void;
  readonly onCancel: () => void;
}

/** Begins, shows how far it is, and cancels. Its height stays the same all the while. */
export function RunBar({ run, label, missing, onStart, onCancel }: RunBarProps) {
  const { state } = run;
  const busy = isBusy(state);
  const failure = failureOf(run);
  return (
    <div className="run-bar">
      {busy ? (
        <button type="button" className="wide" onClick={onCancel}>
          Cancel
        </button>
      ) : (
        <button type="button" className="wide primary" disabled={!!missing} onClick={onStart}>
          {label}
        </button>
      )}
      <Bar run={run} />
      <p className="quiet">
        <span role="status">{busy || !missing ? !failure && describeRun(state) : missing}</span>{' '}
        {/* Changes with every step: too often to be read out. */}
        <span aria-hidden="true">{noteOf(state)}</span>
      </p>
      {failure && (
        <Notice kind="error">
          <p>{failure}</p>
          <button type="button" onClick={run.again}>
            Try again
          </button>
        </Notice>
      )}
    </div>
  );
}

function Bar({ run: { state } }: { run: Run }) {
  const share = shareDone(state);
  if (!isBusy(state)) return <div className="progress" />;
  return (
    <progress
      className="progress"
      max={1}
      value={share}
      aria-label="Share of the work that is done"
    />
  );
}

function failureOf({ state }: Run): string | undefined {
  const hasFailed = state.phase === 'following' && state.job.state === 'failed';
  return state.phase === 'refused' || hasFailed ? describeRun(state) : undefined;
}
