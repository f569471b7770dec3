import type { StudioInfo } from '../../../src/server/api.js';
import {
  addsNoise,
  changeSampling,
  type Drawing,
  GUIDANCE_MODES,
  inverterOf,
  MOST_GUIDANCE,
  MOST_SEED,
} from '../state/drawing.js';
import { NumberField, SelectField, Slider } from './fields.js';

export interface DrawingFieldsProps {
  readonly info: StudioInfo;
  readonly drawing: Drawing;
  readonly onChange: (change: Partial<Drawing>) => void;
}

/** How many pictures, from which noise, and how they are sampled. */
export function DrawingFields({ info, drawing, onChange }: DrawingFieldsProps) {
  const { seed, samples } = drawing;
  const { limits } = info;
  return (
    <>
      <Slider
        label="Pictures"
        value={samples}
        from={1}
        to={limits.samples}
        step={1}
        onChange={(value) => onChange({ samples: value })}
      />
      <div className="with-button">
        <NumberField
          label="Seed"
          value={seed}
          from={0}
          to={MOST_SEED}
          onChange={(value) => onChange({ seed: value })}
        />
        <button
          type="button"
          onClick={() => onChange({ seed: crypto.getRandomValues(new Uint16Array(1))[0]! })}
        >
          Another
        </button>
      </div>
      <SamplingFields info={info} drawing={drawing} onChange={onChange} />
    </>
  );
}

const MODES: Readonly<Record<(typeof GUIDANCE_MODES)[number], string>> = {
  joint: 'joint: away from no map and no text',
  text: 'text: away from no text',
};

function SamplingFields({ info, drawing, onChange }: DrawingFieldsProps) {
  const defaults = inverterOf(drawing.inverter, info).sampling;
  const sampling = { ...defaults, ...drawing.sampling };
  const change = (changed: Partial<typeof sampling>): void =>
    onChange({ sampling: changeSampling(drawing.sampling, changed, defaults) });
  const changed = Object.keys(drawing.sampling).length;
  return (
    <details className="sampling">
      <summary>
        Sampling <span className="quiet">{changed === 0 ? 'as measured best' : 'changed'}</span>
      </summary>
      <SelectField
        label="Sampler"
        value={sampling.sampler}
        options={info.samplers.map((name) => ({ value: name, text: name }))}
        onChange={(sampler) => change({ sampler })}
      />
      <Slider
        label="Steps"
        value={sampling.steps}
        from={1}
        to={Math.min(100, info.limits.steps)}
        step={1}
        onChange={(steps) => change({ steps })}
      />
      <Slider
        label="Guidance"
        value={sampling.guidance}
        from={0}
        to={MOST_GUIDANCE}
        step={0.25}
        onChange={(guidance) => change({ guidance })}
      />
      <SelectField
        label="Guided"
        value={sampling.guidanceMode}
        options={GUIDANCE_MODES.map((value) => ({ value, text: MODES[value] }))}
        onChange={(mode) => change({ guidanceMode: mode === 'text' ? 'text' : 'joint' })}
      />
      {addsNoise(sampling.sampler) && (
        <Slider
          label="Fresh noise (eta)"
          value={sampling.eta}
          from={0}
          to={1}
          step={0.05}
          onChange={(eta) => change({ eta })}
        />
      )}
      {changed > 0 && (
        <button type="button" className="plain" onClick={() => onChange({ sampling: {} })}>
          Back to what was measured best
        </button>
      )}
    </details>
  );
}
