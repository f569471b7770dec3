import { useId, useState } from 'react';

interface NumberProps {
  readonly label: string;
  readonly value: number;
  readonly from: number;
  readonly to: number;
  readonly onChange: (value: number) => void;
}

export interface SliderProps extends NumberProps {
  readonly step: number;
  /** How the value is shown and read out; default: as a number. */
  readonly format?: (value: number) => string;
  /** What the ends mean. */
  readonly ends?: readonly [low: string, high: string];
}

/** A labelled slider that shows its value. */
export function Slider({ label, value, from, to, step, onChange, format, ends }: SliderProps) {
  const id = useId();
  const shown = format?.(value) ?? String(value);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id}>{shown}</output>
      <input
        id={id}
        type="range"
        min={from}
        max={to}
        step={step}
        value={value}
        aria-valuetext={shown}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
      {ends && (
        <div className="ends quiet" aria-hidden="true">
          <span>{ends[0]}</span>
          <span>{ends[1]}</span>
        </div>
      )}
    </div>
  );
}

/** A whole number that is typed; what is not one yet is shown as wrong and not passed on. */
export function NumberField({ label, value, from, to, onChange }: NumberProps) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const read = (text: string): number | undefined => {
    const number = text.trim() === '' ? NaN : Number(text);
    return Number.isInteger(number) && number >= from && number <= to ? number : undefined;
  };
  const isWrong = typed !== null && read(typed) === undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        inputMode="numeric"
        value={typed ?? String(value)}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? `${id}-why` : undefined}
        onChange={(event) => {
          setTyped(event.target.value);
          const number = read(event.target.value);
          if (number !== undefined) onChange(number);
        }}
        onBlur={() => setTyped(null)}
      />
      {isWrong && (
        <p id={`${id}-why`} className="why">
          A whole number from {from} to {to}.
        </p>
      )}
    </div>
  );
}

export interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly onChange: (value: string) => void;
}

export function SelectField({ label, value, options, onChange }: SelectProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </div>
  );
}
