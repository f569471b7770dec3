import type { TrainingRunInfo } from '../../../../src/server/api.js';
import { describeState } from './describe-run.js';

export interface RunListProps {
  readonly runs: readonly TrainingRunInfo[];
  readonly shown: string | null;
  readonly others: readonly string[];
  readonly onShow: (id: string) => void;
  readonly onCompare: (others: readonly string[]) => void;
}

/** All runs: one is shown, others are laid over its curves. */
export function RunList({ runs, shown, others, onShow, onCompare }: RunListProps) {
  if (runs.length === 0) return null;
  const toggle = (id: string): void =>
    onCompare(others.includes(id) ? others.filter((other) => other !== id) : [...others, id]);
  return (
    <fieldset className="runs">
      <legend>Runs</legend>
      <ul>
        {runs.map((run) => (
          <li key={run.id}>
            <label className="option">
              <input
                type="radio"
                name="run"
                checked={run.id === shown}
                onChange={() => onShow(run.id)}
              />
              <span className="option-title">{run.name}</span>
              <span className="quiet">{describeState(run)}</span>
            </label>
            {run.id !== shown && shown !== null && (
              <label className="check compare">
                <input
                  type="checkbox"
                  checked={others.includes(run.id)}
                  onChange={() => toggle(run.id)}
                />
                Compare<span className="unseen"> with {run.name}</span>
              </label>
            )}
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
