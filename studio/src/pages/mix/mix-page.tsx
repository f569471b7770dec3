import { useState } from 'react';
import type { PageProps } from '../../app.js';
import { DrawingFields } from '../../components/drawing-fields.js';
import { InverterChoice } from '../../components/inverter-choice.js';
import { AddressProblems, Notice } from '../../components/notice.js';
import { PicturePicker } from '../../components/picture-picker.js';
import { RecentJobs } from '../../components/recent-jobs.js';
import { RunBar } from '../../components/run-bar.js';
import { Workbench } from '../../components/workbench.js';
import { inverterOf } from '../../state/drawing.js';
import { mixRequest, readMix, writeMix } from '../../state/mix-params.js';
import { useParams } from '../../state/use-params.js';
import { useRun } from '../../state/use-run.js';
import { MixResults } from './mix-results.js';
import { OperationFields } from './operation-fields.js';

const codec = { read: readMix, write: writeMix };

/** A picture of a map that lies between, or is put together from, the maps of two pictures. */
export function MixPage({ info, search }: PageProps) {
  const { params, problems, edit, start, stop } = useParams('/mix', search, info, codec);
  const [turnedTo, setTurnedTo] = useState<'a' | 'b'>('a');
  const wanted = mixRequest(params);
  const run = useRun(params.run ? wanted : null);
  const cannotPaste = inverterOf(params.inverter, info).pooled && params.operation === 'paste';
  const controls = (
    <>
      {(['a', 'b'] as const).map((which) => (
        <PicturePicker
          key={which}
          label={`Picture ${which.toUpperCase()}`}
          info={info}
          picture={params[which]}
          takesPaste={turnedTo === which}
          onTurn={() => setTurnedTo(which)}
          onChoose={({ id }) => edit(which === 'a' ? { a: id } : { b: id })}
        />
      ))}
      <OperationFields info={info} params={params} onChange={edit} />
      <RunBar
        run={run}
        label="Mix them"
        missing={cannotPaste ? 'Choose an unpooled inverter to paste with.' : undefined}
        onStart={() => start()}
        onCancel={() => {
          run.cancel();
          stop();
        }}
      />
    </>
  );
  const more = (
    <>
      <InverterChoice
        info={info}
        value={params.inverter}
        onChange={(inverter) => edit({ inverter })}
      />
      <DrawingFields info={info} drawing={params} onChange={edit} />
    </>
  );
  return (
    <Workbench
      title="Mix two pictures"
      lead={
        <>
          Not the pictures are mixed but what the network saw in them: their two maps become one,
          and pictures are drawn from that. Slide from A to B, or paste a part of B into A.
        </>
      }
      controls={controls}
      more={more}
    >
      <AddressProblems problems={problems} />
      {cannotPaste && (
        <Notice kind="hint">
          {params.inverter} averages its map over all places, so that nothing can be pasted at one
          of them.
        </Notice>
      )}
      <MixResults info={info} params={params} run={run} wanted={wanted} />
      <RecentJobs kind="mix" state={run.state} />
    </Workbench>
  );
}
