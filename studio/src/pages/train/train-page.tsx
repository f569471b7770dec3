import type { TrainingOverview } from '../../../../src/server/api.js';
import type { PageProps } from '../../app.js';
import { AddressProblems, Notice } from '../../components/notice.js';
import { navigate } from '../../router.js';
import { readTrain, type TrainParams, writeTrain } from '../../state/train-params.js';
import { type Training, useTraining } from '../../state/use-training.js';
import { RunList } from './run-list.js';
import { RunView } from './run-view.js';
import { StartForm } from './start-form.js';

/** Small trainings to watch: curves and sample pictures of runs here, and of those in a terminal. */
export function TrainPage({ search }: PageProps) {
  const training = useTraining();
  const { overview, problem } = training;
  return (
    <section className="page">
      <h1>Watch an inverter learn</h1>
      <p className="lead">
        An inverter learns to draw a picture whose feature map is the one it is given. The measure
        is the cosine between both maps. A minute of training shows the beginning; the inverters
        that come with featinv took an hour each.
      </p>
      {problem !== null && <Notice kind="error">{problem}</Notice>}
      {overview === null ? (
        <p className="quiet opening">Looking for runs …</p>
      ) : (
        <Runs {...{ overview, training, search }} />
      )}
    </section>
  );
}

interface RunsProps {
  readonly overview: TrainingOverview;
  readonly training: Training;
  readonly search: string;
}

function Runs({ overview, training, search }: RunsProps) {
  const { params, problems } = readTrain(search, overview);
  const shown = params.run ?? overview.runs[0]?.id ?? null;
  const go = (change: Partial<TrainParams>, how: 'push' | 'replace' = 'replace'): void =>
    navigate(`/train${writeTrain({ ...params, ...change })}`, how);
  const show = (run: string | null): void => go({ run, others: [] }, 'push');
  return (
    <div className="workbench">
      <div className="controls">
        <AddressProblems problems={problems} />
        <RunList
          runs={overview.runs}
          shown={shown}
          others={params.others}
          onShow={show}
          onCompare={(others) => go({ others })}
        />
        <StartForm
          {...{ overview, training }}
          form={params.form}
          onEdit={(form) => go({ form })}
          onStarted={show}
        />
      </div>
      <div className="results">
        {shown === null ? (
          <Notice kind="hint">
            <p>
              No run yet. Start one: after a few seconds its curves appear here, and with every
              validation the pictures that it draws by then. <code>featinv train</code> in a
              terminal shows up here, too.
            </p>
          </Notice>
        ) : (
          <RunView
            key={shown}
            id={shown}
            others={params.others.filter((id) => id !== shown)}
            training={training}
            onRemoved={() => show(null)}
          />
        )}
      </div>
    </div>
  );
}
