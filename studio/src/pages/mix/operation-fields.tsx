import type { MixOperation, StudioInfo } from '../../../../src/server/api.js';
import { SelectField, Slider } from '../../components/fields.js';
import { RectanglePainter } from '../../components/rectangle-painter.js';
import { changeOperation, type MixParams } from '../../state/mix-params.js';

export interface OperationFieldsProps {
  readonly info: StudioInfo;
  readonly params: MixParams;
  readonly onChange: (change: Partial<MixParams>) => void;
}

const TITLES: Readonly<Record<MixOperation, string>> = {
  lerp: 'blend evenly',
  slerp: 'turn from A to B',
  sum: 'add B to A',
  max: 'the larger of both',
  paste: 'paste a part of B',
};

/** How the two maps become one. */
export function OperationFields({ info, params, onChange }: OperationFieldsProps) {
  const { operation, alpha, region } = params;
  const chosen = info.operations.find(({ name }) => name === operation);
  return (
    <section className="block">
      <SelectField
        label="How"
        value={operation}
        options={info.operations.map(({ name }) => ({ value: name, text: TITLES[name] }))}
        onChange={(value) => {
          const found = info.operations.find(({ name }) => name === value)!;
          onChange(changeOperation(params, found.name));
        }}
      />
      <p className="quiet">
        {operation}: {chosen?.summary}
      </p>
      {operation === 'paste' && region && (
        <RectanglePainter
          a={params.a}
          b={params.b}
          region={region}
          onChange={(next) => onChange({ region: next })}
        />
      )}
      <Slider
        label="Alpha"
        value={alpha}
        from={0}
        to={operation === 'sum' ? 2 : 1}
        step={0.05}
        format={(value) => value.toFixed(2)}
        ends={
          operation === 'sum' ? ['A', 'A and twice B'] : ['A', operation === 'max' ? 'both' : 'B']
        }
        onChange={(value) => onChange({ alpha: value })}
      />
    </section>
  );
}
