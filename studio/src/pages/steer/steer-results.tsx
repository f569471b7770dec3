import { useState } from 'react';
import type { JobRequest, SteerResult, StudioInfo } from '../../../../src/server/api.js';
import { jobFileUrl, pictureUrl } from '../../api/client.js';
import { HeatLegend, HeatOverlay } from '../../components/heat-overlay.js';
import { Notice } from '../../components/notice.js';
import { PictureFigure } from '../../components/picture-figure.js';
import { ShareRow } from '../../components/share-row.js';
import { inverterOf, seedsOf } from '../../state/drawing.js';
import { formatShare } from '../../state/format.js';
import { isBusy, stepPicture } from '../../state/run-state.js';
import type { SteerParams } from '../../state/steer-params.js';
import type { Run } from '../../state/use-run.js';
import { ClassChanges } from './class-changes.js';

export interface SteerResultsProps {
  readonly info: StudioInfo;
  readonly params: SteerParams;
  readonly run: Run;
  readonly wanted: JobRequest | null;
}

/** Before and after side by side for each seed, and what has changed. */
export function SteerResults({ info, params, run, wanted }: SteerResultsProps) {
  const [showsMap, setShowsMap] = useState(true);
  const { state } = run;
  const job = state.phase === 'following' ? state.job : undefined;
  const result = job?.result?.kind === 'steer' ? job.result : undefined;
  const request = run.request?.kind === 'steer' ? run.request : params;
  const seeds = seedsOf({ seed: request.seed ?? 0, samples: request.samples ?? 1 });
  const size = inverterOf(request.inverter, info).imageSize;
  const fileOf = (name: string | undefined): string | null =>
    job && name !== undefined ? jobFileUrl(job.id, name) : null;
  const most = result ? Math.max(1e-9, ...result.activation.flat()) : 1;
  return (
    <>
      <ShareRow run={run} wanted={wanted}>
        <label className="check">
          <input
            type="checkbox"
            checked={showsMap}
            onChange={(event) => setShowsMap(event.target.checked)}
          />
          Show where the concept is
        </label>
        {showsMap && <HeatLegend low="weak" high="strong" />}
      </ShareRow>
      <div className="pictures">
        <PictureFigure
          src={pictureUrl(request.picture, size)}
          alt="The photograph as the inverter is shown it"
          caption={result && showsMap ? `${result.name} in the photograph` : 'photograph'}
          overlay={
            result &&
            showsMap && (
              <HeatOverlay
                values={result.activation}
                most={most}
                label="Activation of the concept at each position of the photograph’s map"
              />
            )
          }
        />
        <PictureFigure
          src={fileOf(result?.difference.image)}
          alt="After minus before, mean over seeds: grey where nothing changes"
          caption={result ? differenceCaption(result) : 'difference'}
          isWorking={isBusy(state)}
          saves="the difference"
        />
      </div>
      <div className="pairs">
        {seeds.map((seed, k) => (
          <div key={seed} className="two" role="group" aria-label={`Seed ${seed}`}>
            {(['before', 'after'] as const).map((role) => (
              <PictureFigure
                key={role}
                src={fileOf(result?.outputs[k]?.[role]) ?? stepPicture(state, role, seed)}
                alt={`${role === 'before' ? 'Before' : 'After'}, seed ${seed}`}
                caption={role === 'before' ? `before, seed ${seed}` : `after × ${request.scale}`}
                isWorking={isBusy(state)}
                saves={result && `${role}, seed ${seed}`}
              />
            ))}
          </div>
        ))}
      </div>
      {result && result.strength.original === 0 && (
        <Notice kind="hint">
          The photograph does not have this concept{request.region && ' at the marked places'}:
          there is nothing to make weaker or stronger. The bright places of the map above have it.
        </Notice>
      )}
      {result && <ClassChanges result={result} />}
    </>
  );
}

function differenceCaption({ difference }: SteerResult): string {
  const { meanAbsolute, significantShare } = difference;
  const levels = `difference, ${meanAbsolute.toFixed(1)} levels`;
  return significantShare === null
    ? levels
    : `${levels}; ${formatShare(significantShare)} of pixels beyond noise`;
}
