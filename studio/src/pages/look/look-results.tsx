import { useState } from 'react';
import type { JobRequest, LookOutput, LookResult, StudioInfo } from '../../../../src/server/api.js';
import { jobFileUrl, pictureUrl } from '../../api/client.js';
import { ClassBars } from '../../components/class-bars.js';
import { HeatLegend, HeatOverlay } from '../../components/heat-overlay.js';
import { Link } from '../../components/link.js';
import { PictureFigure } from '../../components/picture-figure.js';
import { ShareRow } from '../../components/share-row.js';
import { inverterOf, seedsOf } from '../../state/drawing.js';
import { formatCosine } from '../../state/format.js';
import type { LookParams } from '../../state/look-params.js';
import { isBusy, stepPicture } from '../../state/run-state.js';
import type { Run } from '../../state/use-run.js';
import { writeSearch } from '../../state/url-reader.js';

export interface LookResultsProps {
  readonly info: StudioInfo;
  readonly params: LookParams;
  readonly run: Run;
  readonly wanted: JobRequest;
}

/** The photograph and its reconstructions; before there are any, their places. */
export function LookResults({ info, params, run, wanted }: LookResultsProps) {
  const [picked, setPicked] = useState(0);
  const [showsMap, setShowsMap] = useState(false);
  const { state } = run;
  const job = state.phase === 'following' ? state.job : undefined;
  const result = job?.result?.kind === 'look' ? job.result : undefined;
  const request = run.request?.kind === 'look' ? run.request : params;
  const seeds = seedsOf({ seed: request.seed ?? 0, samples: request.samples ?? 1 });
  const shown = result?.outputs[Math.min(picked, seeds.length - 1)];
  const size = inverterOf(request.inverter, info).imageSize;
  return (
    <>
      <ShareRow run={run} wanted={wanted}>
        <label className="check">
          <input
            type="checkbox"
            checked={showsMap}
            disabled={!result}
            onChange={(event) => setShowsMap(event.target.checked)}
          />
          Show where they agree
        </label>
        {showsMap && <HeatLegend low="cosine 0" high="1" />}
      </ShareRow>
      <div className="pictures">
        <PictureFigure
          src={pictureUrl(request.picture, size)}
          alt="The photograph as the inverter is shown it"
          caption={`photograph, ${size} × ${size}`}
        />
        {seeds.map((seed, k) => (
          <PictureFigure
            key={seed}
            src={
              result && job
                ? jobFileUrl(job.id, result.outputs[k]!.image)
                : stepPicture(state, 'drawn', seed)
            }
            alt={`Drawn from seed ${seed}`}
            caption={captionOf(seed, result?.outputs[k])}
            isWorking={isBusy(state)}
            {...(result && {
              saves: `seed ${seed}`,
              pick: { isPicked: result.outputs[k] === shown, onPick: () => setPicked(k) },
              overlay: showsMap && <AgreementMap output={result.outputs[k]!} />,
            })}
          />
        ))}
      </div>
      <Classes result={result} shown={shown} />
      {result && <Onwards picture={request.picture} inverter={request.inverter} />}
    </>
  );
}

function captionOf(seed: number, output: LookOutput | undefined) {
  return (
    <>
      seed {seed}
      {output && (
        <>
          {' '}
          · <strong>{formatCosine(output.cosine.mean)}</strong>
        </>
      )}
    </>
  );
}

function AgreementMap({ output }: { output: LookOutput }) {
  return (
    <HeatOverlay
      values={output.cosineMap}
      label={`Cosine of the maps at each position, ${formatCosine(output.cosine.mean)} on average`}
    />
  );
}

function Classes({
  result,
  shown,
}: {
  result: LookResult | undefined;
  shown: LookOutput | undefined;
}) {
  const own = new Set(result?.top5.map(({ index }) => index));
  const common = new Set(shown?.top5.map(({ index }) => index).filter((index) => own.has(index)));
  return (
    <div className="pair-of-bars">
      <ClassBars
        heading="Classes of the photograph"
        classes={result?.top5 ?? null}
        marked={common}
      />
      <ClassBars
        heading={`Classes of ${shown ? `seed ${shown.seed}` : 'what was drawn'}`}
        classes={shown?.top5 ?? null}
        marked={common}
      />
    </div>
  );
}

function Onwards({ picture, inverter }: { picture: string; inverter: string }) {
  return (
    <p className="onwards">
      Go on: <Link to={`/steer${writeSearch({ picture, inverter })}`}>turn a concept of it</Link> up
      or down, or <Link to={`/mix${writeSearch({ a: picture, inverter })}`}>mix it</Link> with
      another picture.
    </p>
  );
}
