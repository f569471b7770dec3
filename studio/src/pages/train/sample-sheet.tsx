import { useId } from 'react';
import type { TrainingRun } from '../../../../src/server/api.js';
import { sampleUrl } from '../../api/client.js';

export interface SampleSheetProps {
  readonly run: TrainingRun;
  /** The step that the curves are read at; null for the last one. */
  readonly read: number | null;
  readonly onRead: (step: number | null) => void;
}

/** What the run drew at a validation: originals above, drawings of their maps below. */
export function SampleSheet({ run, read, onRead }: SampleSheetProps) {
  const { id, samples } = run;
  const slider = useId();
  if (samples.length === 0) return null;
  const at = read ?? Infinity;
  // The last validation before the step that is read, or else the first one.
  const before = samples.findLastIndex(({ step }) => step <= at);
  const index = Math.max(0, before);
  const { step, file } = samples[index]!;
  return (
    <section className="block">
      <h3>What it draws</h3>
      <p className="quiet">
        Above, pictures that the classifier was shown; below, what the inverter draws from their
        maps after {step} steps, always from the same noise.
      </p>
      <img
        className="sheet"
        src={sampleUrl(id, file)}
        alt={`Originals above drawings after ${step} steps`}
      />
      {samples.length > 1 && (
        <div className="field">
          <label htmlFor={slider}>Validation</label>
          <output htmlFor={slider}>step {step}</output>
          <input
            id={slider}
            type="range"
            min={0}
            max={samples.length - 1}
            value={index}
            aria-valuetext={`after ${step} steps`}
            onChange={(event) => onRead(samples[event.target.valueAsNumber]!.step)}
          />
        </div>
      )}
    </section>
  );
}
