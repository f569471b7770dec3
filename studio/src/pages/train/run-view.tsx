import { useState } from 'react';
import type { TrainingRun } from '../../../../src/server/api.js';
import { api } from '../../api/client.js';
import { CopyButton } from '../../components/copy-button.js';
import { type ChartLine, LineChart } from '../../components/line-chart.js';
import { Notice } from '../../components/notice.js';
import type { ChartPoint } from '../../state/chart.js';
import { type Training, useTrainingRun } from '../../state/use-training.js';
import { describeState, formatSeconds } from './describe-run.js';
import { SampleSheet } from './sample-sheet.js';

export interface RunViewProps {
  readonly id: string;
  readonly others: readonly string[];
  readonly training: Training;
  readonly onRemoved: () => void;
}

/** Points that a smoothed line looks at on each side. */
const REACH = 5;
const ABOUT_COSINE =
  'between the maps of held-out pictures and of what is drawn from them; the ceiling is the ' +
  'autoencoder’s, the floor another picture’s';

/** One run: where it stands, its curves, and what it draws. */
export function RunView({ id, others, training, onRemoved }: RunViewProps) {
  const run = useTrainingRun(id);
  // Hooks come in a fixed number: two runs to compare with are as many as a chart can show well.
  const compared = [useTrainingRun(others[0] ?? null), useTrainingRun(others[1] ?? null)];
  const [read, setRead] = useState<number | null>(null);
  if (!run) return <p className="quiet opening">Reading the run …</p>;
  const all = [run, ...compared.filter((other) => other !== null)];
  const xEnd = Math.max(...all.map(({ steps, step }) => Math.max(steps, step)));
  const reading = { xLabel: 'Step', xEnd, read, onRead: setRead };
  const losses = all.map((one, i) => lineOf(one, i, 'step', 'loss', all.length > 1));
  const isInverter = run.type === 'inverter';
  const measure = isInverter ? 'cosine' : 'loss';
  const measures = all.map((one, i) => lineOf(one, i, 'validation', measure, all.length > 1));
  const bounds = (['ceiling', 'floor'] as const).map((name): ChartLine => ({
    ...{ label: name, look: 'bound' },
    points: pointsOf(run, 'validation', name),
  }));
  return (
    <>
      <RunHead {...{ run, training, onRemoved }} />
      {others.length > 2 && (
        <Notice kind="hint">The first two of the marked runs are compared.</Notice>
      )}
      <div className="charts">
        <LineChart
          {...reading}
          title={isInverter ? 'Cosine' : 'Loss on held-out pictures'}
          about={isInverter ? ABOUT_COSINE : ''}
          lines={[...measures, ...(isInverter ? bounds : [])]}
        />
        <LineChart
          {...reading}
          title="Loss"
          about={`of the pictures that it learns from, on a logarithmic scale; the thick line is the mean of ${2 * REACH + 1} points`}
          lines={losses}
          isLog
          reach={REACH}
        />
      </div>
      <SampleSheet run={run} read={read} onRead={setRead} />
      <RunSettings run={run} />
    </>
  );
}

function pointsOf(run: TrainingRun, type: 'step' | 'validation', name: string): ChartPoint[] {
  return run.points.flatMap((point) => {
    const y = point.values[name];
    return point.type === type && y !== undefined ? [{ x: point.step, y }] : [];
  });
}

function lineOf(
  run: TrainingRun,
  place: number,
  type: 'step' | 'validation',
  name: string,
  isNamed: boolean,
): ChartLine {
  return {
    label: isNamed ? run.name : name,
    look: place === 0 ? 'main' : 'other',
    points: pointsOf(run, type, name),
  };
}

function RunHead({
  run,
  training,
  onRemoved,
}: Omit<RunViewProps, 'id' | 'others'> & { run: TrainingRun }) {
  const { id, name, about, state, step, steps, isOwn, error, imagesPerSecond, secondsLeft } = run;
  const [asks, setAsks] = useState(false);
  const isActive = state === 'starting' || state === 'running' || state === 'pausing';
  return (
    <section className="run-head" aria-label={name}>
      <div>
        <h2>{name}</h2>
        <p className="quiet">{about}</p>
      </div>
      <div className="button-row">
        {isOwn && isActive && (
          <button
            type="button"
            disabled={state === 'pausing'}
            onClick={() => training.wish(api.pauseTraining(id))}
          >
            Pause
          </button>
        )}
        {isOwn && (state === 'paused' || state === 'failed') && (
          <button
            type="button"
            className="primary"
            onClick={() => training.wish(api.resumeTraining(id))}
          >
            Resume
          </button>
        )}
        {isOwn && !isActive && (
          <button type="button" aria-expanded={asks} onClick={() => setAsks(!asks)}>
            Remove
          </button>
        )}
      </div>
      {asks && !isActive && (
        <p className="terms">
          Its weights, curves and pictures will be gone.
          <button type="button" onClick={() => training.wish(api.removeTraining(id), onRemoved)}>
            Remove for good
          </button>
        </p>
      )}
      <progress
        className="progress"
        max={Math.max(1, steps)}
        value={step}
        aria-label="Share of the steps"
      />
      <p className="quiet" role="status">
        {describeState(run)}
        {imagesPerSecond !== undefined && ` · ${imagesPerSecond.toFixed(1)} pictures a second`}
        {secondsLeft !== undefined &&
          state === 'running' &&
          ` · about ${formatSeconds(secondsLeft)} left`}
      </p>
      {error !== undefined && <Notice kind="error">It stopped: {error}.</Notice>}
    </section>
  );
}

/** What it was trained with, and how to use what came of it. */
function RunSettings({ run }: { run: TrainingRun }) {
  const { settings, model, points } = run;
  const command = `npx featinv reconstruct my.jpg --model ${model}`;
  const json = (): string => JSON.stringify({ ...run, points }, null, 2);
  return (
    <section className="block">
      <h3>Settings</h3>
      <dl className="settings">
        {Object.entries(settings).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{String(value)}</dd>
          </div>
        ))}
      </dl>
      {model !== undefined && (
        <p className="quiet">
          Use it: <code>{command}</code> <CopyButton label="Copy" text={() => command} />
        </p>
      )}
      <p className="button-row">
        <CopyButton label="Copy link" text={() => location.href} />
        <CopyButton label="Copy numbers as JSON" text={json} />
      </p>
    </section>
  );
}
