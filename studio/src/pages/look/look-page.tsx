import type { PageProps } from '../../app.js';
import { DrawingFields } from '../../components/drawing-fields.js';
import { InverterChoice } from '../../components/inverter-choice.js';
import { AddressProblems } from '../../components/notice.js';
import { PicturePicker } from '../../components/picture-picker.js';
import { RecentJobs } from '../../components/recent-jobs.js';
import { RunBar } from '../../components/run-bar.js';
import { Workbench } from '../../components/workbench.js';
import { lookRequest, readLook, writeLook } from '../../state/look-params.js';
import { useParams } from '../../state/use-params.js';
import { useRun } from '../../state/use-run.js';
import { LookResults } from './look-results.js';

const codec = { read: readLook, write: writeLook };

/** A picture, and pictures drawn from what a classifier saw in it. */
export function LookPage({ info, search }: PageProps) {
  const { params, problems, edit, start, stop } = useParams('/look', search, info, codec);
  const wanted = lookRequest(params);
  const run = useRun(params.run ? wanted : null);
  const controls = (
    <>
      <PicturePicker
        label="Photograph"
        info={info}
        picture={params.picture}
        takesPaste
        onChoose={({ id }) => edit({ picture: id })}
      />
      <RunBar
        run={run}
        label="Draw what it sees"
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
      title="What does the network see?"
      lead={
        <>
          A classifier turns a photograph into a map of numbers; the pictures here are drawn from
          nothing but that map, each from other noise. What they share with the photograph, the
          network has kept; what changes from one to the next, it has let go.
        </>
      }
      controls={controls}
      more={more}
    >
      <AddressProblems problems={problems} />
      <LookResults info={info} params={params} run={run} wanted={wanted} />
      <RecentJobs kind="look" state={run.state} />
    </Workbench>
  );
}
