import { useId } from 'react';
import type { InverterInfo, StudioInfo } from '../../../src/server/api.js';
import { formatCosine } from '../state/format.js';

export interface InverterChoiceProps {
  readonly info: StudioInfo;
  readonly value: string;
  readonly onChange: (name: string) => void;
}

/** The inverters by their backbones: which layer is looked at, and whether its places were averaged. */
export function InverterChoice({ info, value, onChange }: InverterChoiceProps) {
  const name = useId();
  const backbones = [...new Set(info.inverters.map(({ backboneTitle }) => backboneTitle))];
  return (
    <fieldset className="inverters">
      <legend>Whose eyes</legend>
      {backbones.map((title) => (
        <div key={title} role="group" aria-label={title}>
          <p className="backbone">{title}</p>
          {info.inverters
            .filter(({ backboneTitle }) => backboneTitle === title)
            .map((inverter) => (
              <label key={inverter.name} className="option">
                <input
                  type="radio"
                  name={name}
                  checked={inverter.name === value}
                  onChange={() => onChange(inverter.name)}
                />
                <span className="option-title">
                  {inverter.mapShape[1]} × {inverter.mapShape[2]}
                  <span className="layer">layer {inverter.layer}</span>
                  <span className="chip">{inverter.pooled ? 'pooled' : 'unpooled'}</span>
                </span>
                <span className="quiet">{meaningOf(inverter)}</span>
              </label>
            ))}
        </div>
      ))}
    </fieldset>
  );
}

function meaningOf({ mapShape: [channels], pooled, measured }: InverterInfo): string {
  const kept = pooled
    ? `${channels} numbers, averaged over all places: what is there, not where.`
    : `${channels} numbers at each place: what is where.`;
  if (!measured) return kept;
  const { cosine, floor } = measured;
  return `${kept} Agrees at ${formatCosine(cosine)}, by chance at ${formatCosine(floor)}.`;
}
