import type { PageProps } from '../../app.js';
import { api } from '../../api/client.js';
import { DrawingFields } from '../../components/drawing-fields.js';
import { Slider } from '../../components/fields.js';
import { InverterChoice } from '../../components/inverter-choice.js';
import { AddressProblems, Notice } from '../../components/notice.js';
import { PicturePicker } from '../../components/picture-picker.js';
import { RecentJobs } from '../../components/recent-jobs.js';
import { RegionPainter } from '../../components/region-painter.js';
import { RunBar } from '../../components/run-bar.js';
import { Workbench } from '../../components/workbench.js';
import { inverterOf } from '../../state/drawing.js';
import { readSteer, SCALES, steerRequest, writeSteer } from '../../state/steer-params.js';
import { useLoaded } from '../../state/use-loaded.js';
import { useParams } from '../../state/use-params.js';
import { useRun } from '../../state/use-run.js';
import { ConceptChoice } from './concept-choice.js';
import { FitConcepts, useFit } from './fit-concepts.js';
import { SteerResults } from './steer-results.js';

const codec = { read: readSteer, write: writeSteer };

/** A picture drawn twice from the same noise: as its map is, and with one concept weaker or stronger. */
export function SteerPage({ info, search }: PageProps) {
  const { params, problems, edit, start, stop } = useParams('/steer', search, info, codec);
  const inverter = inverterOf(params.inverter, info);
  const [, height, width] = inverter.mapShape;
  const fit = useFit(inverter.name, (concepts) => edit({ concepts, concept: null }));
  const loaded = useLoaded(() => api.concepts(inverter.name), `${inverter.name} ${fit.fitted}`);
  const sets = loaded.state === 'loaded' ? loaded.value.sets : [];
  const concepts = params.concepts ?? sets[0]?.name ?? null;
  const set = sets.find(({ name }) => name === concepts);
  const missing = concepts !== null && loaded.state === 'loaded' && !set ? concepts : undefined;
  const concept = params.concept ?? set?.cards[0]?.concept ?? null;
  const wanted = steerRequest({ ...params, concepts, concept });
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
      <section className="block">
        <h2>Where</h2>
        {inverter.pooled ? (
          <p className="quiet">
            This inverter averages its map over all places: it can only steer everywhere.
          </p>
        ) : (
          <RegionPainter
            picture={params.picture}
            grid={{ height, width }}
            region={params.region}
            onChange={(region) => edit({ region })}
          />
        )}
      </section>
    </>
  );
  const more = (
    <>
      <InverterChoice
        info={info}
        value={inverter.name}
        // Concepts and regions belong to one layer.
        onChange={(name) => edit({ inverter: name, concepts: null, concept: null, region: null })}
      />
      <DrawingFields info={info} drawing={params} onChange={edit} />
    </>
  );
  return (
    <Workbench
      title="Turn a concept up or down"
      lead={
        <>
          A concept is a direction of the network’s map that many pictures share. Here one of them
          is made weaker or stronger, and the picture drawn before and after from the same noise:
          what differs is what the concept looks like to the network.
        </>
      }
      controls={controls}
      more={more}
    >
      <AddressProblems problems={problems} />
      {loaded.state === 'failed' && <Notice kind="error">{loaded.message}</Notice>}
      {missing !== undefined && (
        <Notice kind="error">
          There are no concepts called “{missing}” for {inverter.name} here: find them below.
        </Notice>
      )}
      <ConceptChoice
        sets={sets}
        set={set}
        concept={concept}
        onSet={(name) => edit({ concepts: name, concept: null })}
        onConcept={(chosen) => edit({ concepts, concept: chosen })}
      />
      <FitConcepts
        key={missing}
        info={info}
        fit={fit}
        isOpen={loaded.state === 'loaded' && (sets.length === 0 || missing !== undefined)}
        missing={missing}
      />
      <div className="steering">
        <Slider
          label="Scale"
          value={params.scale}
          from={SCALES.from}
          to={SCALES.to}
          step={SCALES.step}
          format={(scale) => `× ${scale}`}
          ends={['taken out', '1 leaves it, 2 doubles it']}
          onChange={(scale) => edit({ scale })}
        />
        <RunBar
          run={run}
          label="Draw before and after"
          missing={set ? undefined : 'Choose a concept first.'}
          onStart={() => start({ concepts, concept })}
          onCancel={() => {
            run.cancel();
            stop();
          }}
        />
      </div>
      <SteerResults info={info} params={params} run={run} wanted={wanted} />
      <RecentJobs kind="steer" state={run.state} />
    </Workbench>
  );
}
