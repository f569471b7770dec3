import { useState } from 'react';
import type { ModelInfo, PullInfo } from '../../../../src/server/api.js';
import { CopyButton } from '../../components/copy-button.js';
import { Notice } from '../../components/notice.js';
import { formatMegabytes } from '../../state/format.js';
import { isUnderWay, type Pulls } from '../../state/use-pulls.js';

export interface ModelRowProps {
  readonly model: ModelInfo;
  readonly pull: PullInfo | undefined;
  readonly pulls: Pulls;
}

/** One model: what it is, and how it gets here. */
export function ModelRow({ model, pull, pulls }: ModelRowProps) {
  const { id, description, standard, here, megabytes } = model;
  const [asks, setAsks] = useState(false);
  const isFetched = pull !== undefined && isUnderWay(pull);
  const get = (agreed: boolean): void => {
    setAsks(false);
    pulls.start(id, agreed);
  };
  return (
    <li className="model">
      <div className="what">
        <h3>
          {id} {standard && <span className="chip">standard</span>}
        </h3>
        <p className="quiet">
          {description} · {pull?.licence ?? model.licence ?? 'licence: see its source'}
        </p>
      </div>
      <p className="size">{megabytes === null ? '' : formatMegabytes(megabytes)}</p>
      <div className="get">
        {here ? (
          <span className="here">here</span>
        ) : isFetched ? (
          <button type="button" onClick={() => pulls.cancel(id)} aria-label={`Cancel ${id}`}>
            Cancel
          </button>
        ) : (
          model.pull !== null && (
            <button
              type="button"
              aria-label={`Get ${id}`}
              aria-expanded={asks}
              onClick={() => (model.terms === null ? get(false) : setAsks(!asks))}
            >
              {pull?.state === 'cancelled' ? 'Go on' : 'Get'}
            </button>
          )
        )}
      </div>
      {asks && !here && <Terms model={model} onAgree={() => get(true)} />}
      {!here && pull && <Fetching pull={pull} />}
    </li>
  );
}

/** What has to be read before it is fetched. */
function Terms({ model, onAgree }: { model: ModelInfo; onAgree: () => void }) {
  const { id, licence, terms, pull } = model;
  const [agrees, setAgrees] = useState(false);
  return (
    <div className="terms">
      <p>
        {id} comes under{' '}
        <a href={terms ?? undefined} target="_blank" rel="noreferrer">
          {licence}
        </a>
        , which forbids some uses of it.
      </p>
      <label className="check">
        <input type="checkbox" checked={agrees} onChange={() => setAgrees(!agrees)} />I have read it
        and keep to it
      </label>
      <button type="button" className="primary" disabled={!agrees} onClick={onAgree}>
        Agree and get it
      </button>
      {pull !== null && (
        <p className="quiet">
          Or in a terminal: <code>{pull}</code> <CopyButton label="Copy" text={() => pull} />
        </p>
      )}
    </div>
  );
}

function Fetching({ pull }: { pull: PullInfo }) {
  const { name, state, bytesHere, bytesTotal, error } = pull;
  if (state === 'failed') return <Notice kind="error">It was not fetched: {error}.</Notice>;
  return (
    <div className="fetching">
      {isUnderWay(pull) && (
        <progress
          className="progress"
          max={1}
          value={bytesTotal === null || state === 'waiting' ? undefined : bytesHere / bytesTotal}
          aria-label={`Share of ${name} that is here`}
        />
      )}
      <p className="quiet">{describePull(pull)}</p>
    </div>
  );
}

function describePull({ state, bytesHere, bytesTotal }: PullInfo): string {
  const here = formatMegabytes(bytesHere / 1e6);
  switch (state) {
    case 'waiting':
      return 'Waits until the one before it is here.';
    case 'running':
      return bytesTotal === null
        ? 'Asking its source …'
        : `${here} of ${formatMegabytes(bytesTotal / 1e6)}`;
    case 'cancelled':
      return bytesHere > 0
        ? `Cancelled at ${here}: what has arrived is kept for the next time.`
        : 'Cancelled.';
    default:
      return '';
  }
}
