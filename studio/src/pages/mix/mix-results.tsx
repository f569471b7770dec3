import { useState } from 'react';
import type { JobRequest, MixResult, StudioInfo } from '../../../../src/server/api.js';
import { jobFileUrl, pictureUrl } from '../../api/client.js';
import { ClassBars } from '../../components/class-bars.js';
import { PictureFigure } from '../../components/picture-figure.js';
import { ShareRow } from '../../components/share-row.js';
import { inverterOf, seedsOf } from '../../state/drawing.js';
import { formatCosine } from '../../state/format.js';
import type { MixParams } from '../../state/mix-params.js';
import { isBusy, stepPicture } from '../../state/run-state.js';
import type { Run } from '../../state/use-run.js';

export interface MixResultsProps {
  readonly info: StudioInfo;
  readonly params: MixParams;
  readonly run: Run;
  readonly wanted: JobRequest;
}

/** A, what was drawn of the mixed map, and B. */
export function MixResults({ info, params, run, wanted }: MixResultsProps) {
  const [picked, setPicked] = useState(0);
  const { state } = run;
  const job = state.phase === 'following' ? state.job : undefined;
  const result = job?.result?.kind === 'mix' ? job.result : undefined;
  const request = run.request?.kind === 'mix' ? run.request : params;
  const seeds = seedsOf({ seed: request.seed ?? 0, samples: request.samples ?? 1 });
  const shown = result?.outputs[Math.min(picked, seeds.length - 1)];
  const size = inverterOf(request.inverter, info).imageSize;
  return (
    <>
      <ShareRow run={run} wanted={wanted} />
      <div className="pictures">
        <PictureFigure src={pictureUrl(request.a, size)} alt="Picture A" caption="A" />
        {seeds.map((seed, k) => {
          const output = result?.outputs[k];
          return (
            <PictureFigure
              key={seed}
              src={
                output && job ? jobFileUrl(job.id, output.image) : stepPicture(state, 'drawn', seed)
              }
              alt={`Mixed, seed ${seed}`}
              caption={`mixed, seed ${seed}`}
              isWorking={isBusy(state)}
              {...(output && {
                saves: `seed ${seed}`,
                pick: { isPicked: output === shown, onPick: () => setPicked(k) },
              })}
            />
          );
        })}
        <PictureFigure src={pictureUrl(request.b, size)} alt="Picture B" caption="B" />
      </div>
      {shown && <Likeness output={shown} />}
      <div className="pair-of-bars">
        <ClassBars
          heading={shown ? `Classes of seed ${shown.seed}` : 'Classes of what was drawn'}
          classes={shown?.top5 ?? null}
        />
        {result?.predicted !== null && (
          <ClassBars
            heading="Classes of the mixed map itself"
            classes={result?.predicted ?? null}
          />
        )}
        <ClassBars heading="Classes of A" classes={result?.parents[0]?.top5 ?? null} />
        <ClassBars heading="Classes of B" classes={result?.parents[1]?.top5 ?? null} />
      </div>
    </>
  );
}

function Likeness({ output: { seed, cosine } }: { output: MixResult['outputs'][number] }) {
  const [a, b] = cosine.parents;
  return (
    <p>
      The map of seed {seed} agrees with the mixed one at{' '}
      <strong>{formatCosine(cosine.composed)}</strong>, with A’s at {formatCosine(a ?? 0)} and with
      B’s at {formatCosine(b ?? 0)} (mean cosine over positions).
    </p>
  );
}
